// SIGKILL in the middle of every kind of upload at once, again and again: what was acknowledged is there after the
// next start, what was not is there whole or not at all.
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { uploadFile } from "@huggingface/hub";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise, sha256 } from "./support/bytes.ts";
import { commitFiles, createRepo, readFileAt } from "./support/http.ts";
import { command, startHub, type TestHub } from "./support/hub-server.ts";

const ROUNDS = 12;

let hub: TestHub;
let folder: string;
beforeAll(async () => {
  hub = await startHub("crash");
  folder = await mkdtemp(join(tmpdir(), "bearhug-crash-"));
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** One way to upload, with what it tried and what the server said yes to. */
interface Writer {
  readonly repo: string;
  /** Path → digest of every file that was ever sent. */
  readonly attempted: Map<string, string>;
  /** Paths of the files whose upload the server acknowledged. */
  readonly acknowledged: Set<string>;
  /** Uploads one file; gives the commit's id when it knows it. */
  readonly upload: (path: string, content: Uint8Array<ArrayBuffer>) => Promise<string | undefined>;
  readonly commits: Set<string>;
  readonly sizeBytes: number;
}

/** How many uploads of all writers the server has acknowledged. */
const acknowledgedIn = (writers: readonly Writer[]): number =>
  writers.reduce((sum, one) => sum + one.acknowledged.size, 0);

const writer = async (
  name: string,
  sizeBytes: number,
  upload: (repo: string) => Writer["upload"],
): Promise<Writer> => {
  const repo = await createRepo(hub, `crash-${name}`);
  return {
    repo,
    sizeBytes,
    attempted: new Map(),
    acknowledged: new Set(),
    commits: new Set(),
    upload: upload(repo),
  };
};

test(`everything acknowledged survives ${ROUNDS} kills, nothing half-written is visible`, async () => {
  const writers = [
    await writer(
      "inline",
      60_000,
      (repo) => (path, content) =>
        commitFiles(hub, repo, { [`${path}.txt`]: Buffer.from(content).toString("base64") }),
    ),
    await writer(
      "lfs",
      3_000_000,
      (repo) => (path, content) => commitFiles(hub, repo, { [`${path}.bin`]: content }),
    ),
    await writer("xet", 1_500_000, (repo) => async (path, content) => {
      const file = { path: `${path}.bin`, content: new Blob([content]) };
      const done = await uploadFile({ repo, file, hubUrl: hub.url, accessToken: hub.token });
      return done?.commit.oid;
    }),
    await writer("git", 40_000, gitPusher),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const before = acknowledgedIn(writers);
    const running = writers.map((one) => uploadUntilItFails(one, round));
    await until(() => isWorthKilling(writers, { round, before }));
    await delay((round * 397) % 500);
    await hub.kill();
    await Promise.all(running);
    await hub.restart();
    for (const one of writers) await verify(one);
    await checkRepositories();
  }
  for (const one of writers) {
    expect(one.acknowledged.size, `${one.repo} uploaded nothing`).toBeGreaterThan(0);
    await one.upload("after", noise(99, 5000));
  }
  console.log(
    writers
      .map((one) => `${one.repo}: ${one.acknowledged.size} acknowledged of ${one.attempted.size}`)
      .join("\n"),
  );
}, 400_000);

/** The first round waits for one success of every writer, the others for a number of them that differs. */
function isWorthKilling(
  writers: readonly Writer[],
  { round, before }: { readonly round: number; readonly before: number },
): boolean {
  if (round === 0) return writers.every((one) => one.acknowledged.size > 0);
  return acknowledgedIn(writers) - before > round % 4;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

async function uploadUntilItFails(one: Writer, round: number): Promise<void> {
  for (let index = 0; ; index++) {
    const content = noise(round * 1000 + index, one.sizeBytes);
    const path = `round-${round}/${index}`;
    one.attempted.set(path, sha256(content));
    const oid = await one.upload(path, content).then(
      (id) => ({ id }),
      () => undefined,
    );
    if (!oid) return;
    one.acknowledged.add(path);
    if (oid.id) one.commits.add(oid.id);
  }
}

/** Files of the head: all that were acknowledged, none that was not sent, each one whole. */
async function verify(one: Writer): Promise<void> {
  const reply = await fetch(
    `${hub.url}/api/models/${one.repo}/tree/main?recursive=true&limit=1000`,
  );
  const tree: readonly { readonly type: string; readonly path: string }[] = await reply.json();
  const paths = tree
    .filter((entry) => entry.type === "file" && entry.path !== ".gitattributes")
    .map((entry) => entry.path);
  const stems = new Set(paths.map((path) => path.replace(/\.\w+$/, "")));
  expect(
    [...one.acknowledged].filter((path) => !stems.has(path)),
    "lost",
  ).toEqual([]);
  for (const path of paths) {
    const bytes = await readFileAt(hub, one.repo, path);
    const content = path.endsWith(".txt")
      ? Buffer.from(Buffer.from(bytes).toString(), "base64")
      : bytes;
    const expected = one.attempted.get(path.replace(/\.\w+$/, ""));
    expect(sha256(content), `${one.repo} ${path}`).toBe(expected);
  }
  const info = await fetch(`${hub.url}/api/models/${one.repo}`).then((answer) => answer.json());
  const refs = await fetch(`${hub.url}/api/models/${one.repo}/refs`).then((answer) =>
    answer.json(),
  );
  expect(info.sha, "the index knows the head").toBe(refs.branches[0].targetCommit);
  const commits = await fetch(`${hub.url}/api/models/${one.repo}/commits/main?limit=1000`);
  const history = new Set(((await commits.json()) as { id: string }[]).map((commit) => commit.id));
  expect(
    [...one.commits].filter((id) => !history.has(id)),
    "commits lost",
  ).toEqual([]);
}

/** Git's own check of every repository in the data folder. */
async function checkRepositories(): Promise<void> {
  const entries = await readdir(hub.dataDir, { recursive: true });
  const heads = entries.filter((path) => path.endsWith("/HEAD") && !path.includes("/logs/"));
  expect(heads.length).toBeGreaterThanOrEqual(4);
  for (const head of heads) {
    const repository = join(hub.dataDir, dirname(head));
    await command("git", ["--git-dir", repository, "fsck", "--full", "--strict", "--no-dangling"]);
  }
}

function gitPusher(repo: string): Writer["upload"] {
  const work = join(folder, "work");
  const git = (...args: readonly string[]): Promise<string> =>
    command(
      "git",
      ["-C", work, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args],
      {
        env: { GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_NOSYSTEM: "1", HOME: folder },
      },
    );
  const remote = `${hub.url.replace("://", `://ada:${hub.token}@`)}/${repo}`;
  return async (path, content) => {
    const file = `${path}.txt`;
    await mkdir(dirname(join(work, file)), { recursive: true });
    await command("git", ["init", "--quiet", "--initial-branch=main", work]);
    await git("fetch", "--quiet", remote, "main");
    await git("reset", "--quiet", "--hard", "FETCH_HEAD");
    await writeFile(join(work, file), Buffer.from(content).toString("base64"));
    await git("add", "--all");
    await git("commit", "--quiet", "--message", file);
    await git("push", "--quiet", remote, "HEAD:main");
    return (await git("rev-parse", "HEAD")).trim();
  };
}
