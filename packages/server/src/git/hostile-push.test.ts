import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScratchHub, type ScratchHub } from "./scratch-hub.case.ts";

let hub: ScratchHub;
let eve: string;

beforeAll(async () => {
  hub = await createScratchHub();
  await hub.git("", "init", "--quiet", "eve");
  eve = join(hub.directory, "eve");
});

afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

/** Git with something to read; gives the id that it prints. */
function make(args: readonly string[], input: string): Promise<string> {
  const env = { PATH: process.env["PATH"], HOME: eve, ...PERSON };
  const child = spawn("git", args, { cwd: eve, env, stdio: ["pipe", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  // Some of these commands read nothing.
  child.stdin.on("error", () => undefined).end(input);
  return new Promise((resolve) => child.on("close", () => resolve(stdout.trim())));
}

const PERSON = {
  GIT_AUTHOR_NAME: "Eve",
  GIT_AUTHOR_EMAIL: "eve@example.org",
  GIT_COMMITTER_NAME: "Eve",
  GIT_COMMITTER_EMAIL: "eve@example.org",
};

const blob = (content: string) => make(["hash-object", "-w", "--stdin"], content);
const tree = (lines: readonly string[]) => make(["mktree"], `${lines.join("\n")}\n`);
const commit = (root: string, message = "x") => make(["commit-tree", "-F", "-", root], message);

async function push(name: string, ...refs: string[]) {
  await hub.createRepo(name).catch(() => undefined);
  return hub.tryGit("eve", "push", "--force", hub.remote(`ada/${name}`), ...refs);
}

describe("a hostile push", () => {
  it("cannot bring a pointer to others' content beside what is checked", async () => {
    const secret = Buffer.from("what another account uploaded");
    const oid = createHash("sha256").update(secret).digest("hex");
    await hub.context.blobs.write(`lfs/${oid}`, once(secret));
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${secret.length}\n`;
    const hidden = await commit(await tree([`100644 blob ${await blob(pointer)}\tx.bin`]));
    const open = await commit(await tree([`100644 blob ${await blob("fine")}\tok.txt`]));

    // The pack serves both references; the second is refused for its name alone.
    const ran = await push("strays", `${open}:refs/heads/main`, `${hidden}:refs/other/x`);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("brings objects that none of its accepted references needs");
    const { git } = await hub.context.services.repositories.open(hub.ada, {
      type: "model",
      id: "ada/strays",
    });
    expect(await git.resolve(hidden)).toBeUndefined();

    const alone = await push("strays", `${open}:refs/heads/main`);
    expect(alone.code).toBe(0);
  });

  it("cannot bring a tree that spreads out to billions of files", async () => {
    const file = await blob("x");
    let root = await tree(Array.from({ length: 10 }, (_, i) => `100644 blob ${file}\tf${i}`));
    for (let level = 0; level < 8; level++) {
      root = await tree(Array.from({ length: 10 }, (_, i) => `040000 tree ${root}\td${i}`));
    }
    const ran = await push("bomb", `${await commit(root)}:refs/heads/main`);
    expect(ran.stderr).toContain("at most 250000 files and folders");
  });

  it("cannot nest folders without end", async () => {
    const path = `${"d/".repeat(300)}f`;
    const list = `commit refs/heads/deep\ncommitter E <e@e> 1 +0000\ndata 1\nx\nM 100644 inline ${path}\ndata 1\nx\n\n`;
    await make(["fast-import", "--quiet"], list);
    const ran = await push("deep", "refs/heads/deep:refs/heads/main");
    expect(ran.stderr).toContain("nest at most 256 folders");
  });

  it("cannot bring a commit message of megabytes", async () => {
    const root = await tree([`100644 blob ${await blob("x")}\tf`]);
    const large = await commit(root, `title\n\n${"a".repeat(2 * 1024 * 1024)}`);
    const ran = await push("message", `${large}:refs/heads/main`);
    expect(ran.stderr).toContain(`the commit ${large} is too large`);
  });

  it("may complete a thin pack with what the repository has", async () => {
    const long = Array.from({ length: 2000 }, (_, i) => `line ${i}`).join("\n");
    const first = await commit(await tree([`100644 blob ${await blob(long)}\tlong.txt`]));
    expect((await push("thin", `${first}:refs/heads/main`)).code).toBe(0);
    const changed = await tree([`100644 blob ${await blob(`${long}\nmore`)}\tlong.txt`]);
    const second = await make(["commit-tree", "-m", "x", "-p", first, changed], "");
    expect((await push("thin", `${second}:refs/heads/main`)).stderr).not.toContain("rejected");
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
