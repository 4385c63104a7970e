// Stock git and git-lfs on the real server.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { noise, sha256 } from "./support/bytes.ts";
import { commitFiles, createRepo, readFileAt } from "./support/http.ts";
import { command, startHub, type TestHub } from "./support/hub-server.ts";
import { which } from "./support/paths.ts";

let hub: TestHub;
let folder: string;
let clones = 0;
beforeAll(async () => {
  hub = await startHub("git");
  folder = await mkdtemp(join(tmpdir(), "bearhug-git-"));
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Git of an empty home: no credential helper, no settings of whoever runs this. */
const git = (cwd: string, ...args: readonly string[]): Promise<string> =>
  command("git", args, {
    cwd,
    env: {
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
    },
  });

const remote = (repo: string, token?: string): string =>
  hub.url.replace("://", token ? `://ada:${token}@` : "://").concat(`/${repo}`);

async function clone(repo: string, token?: string, ...options: readonly string[]): Promise<string> {
  clones += 1;
  const target = join(folder, `clone-${clones}`);
  await git(folder, "clone", "--quiet", ...options, remote(repo, token), target);
  return target;
}

async function commitAll(work: string, message: string): Promise<void> {
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "--message", message);
}

describe("git", () => {
  test("clones, edits the card, pushes; the API sees it, and git sees what the API commits", async () => {
    const repo = await createRepo(hub, "git-round-trip");
    await commitFiles(hub, repo, { "README.md": "---\nlicense: mit\n---\n# One\n" });
    const work = await clone(repo, hub.token);
    expect(await readFile(join(work, "README.md"), "utf8")).toContain("# One");
    await writeFile(join(work, "README.md"), "---\nlicense: apache-2.0\n---\n# Two\n");
    await commitAll(work, "Edit the card");
    await git(work, "push", "--quiet");
    const head = (await git(work, "rev-parse", "HEAD")).trim();
    const info = await fetch(`${hub.url}/api/models/${repo}`).then((reply) => reply.json());
    expect(info).toMatchObject({ sha: head, cardData: { license: "apache-2.0" } });
    expect(info.tags).toContain("license:apache-2.0");
    expect(new TextDecoder().decode(await readFileAt(hub, repo, "README.md"))).toContain("# Two");
    const oid = await commitFiles(hub, repo, { "by-api.txt": "api" });
    await git(work, "pull", "--quiet");
    expect((await git(work, "rev-parse", "HEAD")).trim()).toBe(oid);
    expect(await readFile(join(work, "by-api.txt"), "utf8")).toBe("api");
  });

  test("branches and tags are pushed and deleted", async () => {
    const repo = await createRepo(hub, "git-refs");
    const work = await clone(repo, hub.token);
    await git(work, "checkout", "--quiet", "-b", "feature/x");
    await writeFile(join(work, "x.txt"), "x");
    await commitAll(work, "On a branch");
    await git(work, "tag", "v1");
    await git(work, "push", "--quiet", "origin", "feature/x", "v1");
    const refs = () => fetch(`${hub.url}/api/models/${repo}/refs`).then((reply) => reply.json());
    const head = (await git(work, "rev-parse", "HEAD")).trim();
    expect((await refs()).branches).toContainEqual({
      name: "feature/x",
      ref: "refs/heads/feature/x",
      targetCommit: head,
    });
    expect((await refs()).tags).toEqual([{ name: "v1", ref: "refs/tags/v1", targetCommit: head }]);
    await git(work, "push", "--quiet", "origin", "--delete", "feature/x", "v1");
    expect((await refs()).branches.map((ref: { name: string }) => ref.name)).toEqual(["main"]);
    expect((await refs()).tags).toEqual([]);
  });

  test("a push that would lose another's commit is refused", async () => {
    const repo = await createRepo(hub, "git-race");
    const work = await clone(repo, hub.token);
    const oid = await commitFiles(hub, repo, { "first.txt": "1" });
    await writeFile(join(work, "second.txt"), "2");
    await commitAll(work, "Late");
    await expect(git(work, "push", "--quiet")).rejects.toThrow(
      /fetch first|non-fast-forward|rejected/,
    );
    await git(work, "pull", "--quiet", "--rebase");
    await git(work, "push", "--quiet");
    expect(await git(work, "log", "--format=%H")).toContain(oid);
  });

  test("clones shallow and without blobs", async () => {
    const repo = await createRepo(hub, "git-shallow");
    for (const n of ["1", "2", "3"]) await commitFiles(hub, repo, { "n.txt": n });
    const shallow = await clone(repo, undefined, "--depth", "1");
    expect((await git(shallow, "rev-list", "--count", "HEAD")).trim()).toBe("1");
    const lazy = await clone(repo, undefined, "--filter=blob:none");
    expect(await git(lazy, "show", "HEAD~1:n.txt")).toBe("2");
  });

  test("a private repository needs a token that may read it; a push one that may write", async () => {
    const repo = await createRepo(hub, "git-private", { private: true });
    await expect(clone(repo)).rejects.toThrow(
      /Authentication|could not read Username|terminal prompts/,
    );
    await expect(clone(repo, hub.otherToken)).rejects.toThrow(/not found/i);
    await expect(clone(repo, `hf_${"x".repeat(34)}`)).rejects.toThrow(/Authentication failed|401/);
    const work = await clone(repo, hub.readToken);
    await writeFile(join(work, "a.txt"), "a");
    await commitAll(work, "Not allowed");
    await expect(git(work, "push", "--quiet")).rejects.toThrow(/403|rights/);
    await git(work, "push", "--quiet", remote(repo, hub.token), "main");
  });

  test("what the Hub does not take is rejected, with the reason, and nothing changes", async () => {
    const repo = await createRepo(hub, "git-rejects");
    const before = await commitFiles(hub, repo, { "a.txt": "a" });
    const rejected = async (path: string, content: string | Uint8Array, reason: RegExp) => {
      const work = await clone(repo, hub.token);
      await mkdir(join(work, path, ".."), { recursive: true });
      await writeFile(join(work, ".gitattributes"), "");
      await writeFile(join(work, path), content);
      await commitAll(work, "Bad");
      await expect(git(work, "push", "--quiet")).rejects.toThrow(reason);
    };
    await rejected("big.txt", "x".repeat(11 << 20), /10 ?MiB|10 ?MB|large|LFS/i);
    await rejected("README.md", "---\nlicense: [unclosed\n---\n", /README\.md|metadata|YAML/i);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"1".repeat(64)}\nsize 12\n`;
    await rejected("w.bin", pointer, /LFS|missing/i);
    const info = await fetch(`${hub.url}/api/models/${repo}`).then((reply) => reply.json());
    expect(info.sha).toBe(before);
  });

  test("an unknown repository is not found", async () => {
    await expect(clone("ada/there-is-none", hub.token)).rejects.toThrow(/not found/i);
  });
});

describe.skipIf(!which("git-lfs"))("git-lfs", () => {
  beforeEach(() => git(folder, "lfs", "install", "--skip-repo"));

  test("a large file that an API client uploaded is pulled, and a new one is pushed", async () => {
    const repo = await createRepo(hub, "lfs-round-trip");
    const one = noise(11, 12_345_678);
    await commitFiles(hub, repo, { "model.safetensors": one });
    const work = await clone(repo, hub.token);
    expect(sha256(await readFile(join(work, "model.safetensors")))).toBe(sha256(one));
    const two = noise(12, 23_456_789);
    await writeFile(join(work, "second.safetensors"), two);
    await commitAll(work, "Add weights");
    await git(work, "push", "--quiet");
    expect(sha256(await readFileAt(hub, repo, "second.safetensors"))).toBe(sha256(two));
    const tree = await fetch(`${hub.url}/api/models/${repo}/tree/main`).then((reply) =>
      reply.json(),
    );
    const entry = tree.find((file: { path: string }) => file.path === "second.safetensors");
    expect(entry).toMatchObject({ size: two.length, lfs: { oid: sha256(two), size: two.length } });
  });

  test("git lfs pull brings the content of a clone made without it", async () => {
    const repo = await createRepo(hub, "lfs-pull");
    const weights = noise(13, 3_000_000);
    await commitFiles(hub, repo, { "w.bin": weights });
    await git(folder, "lfs", "install", "--skip-smudge", "--skip-repo", "--force");
    const work = await clone(repo);
    expect(await readFile(join(work, "w.bin"), "utf8")).toContain(`oid sha256:${sha256(weights)}`);
    await git(work, "lfs", "pull");
    expect(sha256(await readFile(join(work, "w.bin")))).toBe(sha256(weights));
    await git(folder, "lfs", "install", "--skip-repo", "--force");
  });

  test("an object that is stored already is not sent again", async () => {
    const repo = await createRepo(hub, "lfs-known");
    const weights = noise(14, 2_000_000);
    await commitFiles(hub, repo, { "w.bin": weights });
    const work = await clone(repo, hub.token);
    await writeFile(join(work, "copy.bin"), weights);
    await commitAll(work, "Copy");
    await git(work, "push", "--quiet");
    expect(sha256(await readFileAt(hub, repo, "copy.bin"))).toBe(sha256(weights));
    expect(existsSync(join(work, ".git/lfs/objects"))).toBe(true);
  });

  test("a private repository's objects need a token", async () => {
    const repo = await createRepo(hub, "lfs-private", { private: true });
    const weights = noise(15, 1_000_000);
    await commitFiles(hub, repo, { "w.bin": weights });
    const batch = (authorization?: string) =>
      fetch(`${hub.url}/${repo}.git/info/lfs/objects/batch`, {
        method: "POST",
        headers: {
          "content-type": "application/vnd.git-lfs+json",
          ...(authorization ? { authorization } : {}),
        },
        body: JSON.stringify({
          operation: "download",
          objects: [{ oid: sha256(weights), size: weights.length }],
        }),
      });
    expect((await batch()).status).toBe(401);
    expect((await batch(`Bearer ${hub.otherToken}`)).status).toBe(404);
    expect((await batch(`Bearer ${hub.readToken}`)).status).toBe(200);
    const work = await clone(repo, hub.readToken);
    expect(sha256(await readFile(join(work, "w.bin")))).toBe(sha256(weights));
  });
});
