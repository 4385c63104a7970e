import { randomBytes } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiCommit, cloned, commitFile, headPaths, put } from "./git-work.case.ts";
import { packet } from "./packet-line.ts";
import { createScratchHub, type ScratchHub } from "./scratch-hub.case.ts";

let hub: ScratchHub;

beforeAll(async () => {
  hub = await createScratchHub();
});

afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

describe("Git push", () => {
  it("moves references, creates and deletes branches and tags, and keeps the index up to date", async () => {
    const { name, id, repository } = await cloned(hub);
    await commitFile(hub, name, { path: "config.json", content: '{"model_type":"bert"}' });
    await commitFile(hub, name, {
      path: "README.md",
      content: "---\nlicense: mit\ntags: [pushed]\n---\n# Hi\n",
    });
    await hub.git(name, "tag", "-a", "v1", "-m", "One");
    await hub.git(name, "branch", "feature/x");
    await hub.git(name, "push", "--quiet", "origin", "main", "feature/x", "v1", "HEAD:refs/pr/1");
    const head = (await hub.git(name, "rev-parse", "HEAD")).stdout.trim();
    expect((await repository.refs()).map(({ ref, commit }) => `${ref} ${commit === head}`)).toEqual(
      ["refs/heads/feature/x true", "refs/heads/main true", "refs/pr/1 true", "refs/tags/v1 true"],
    );
    const { summary } = await hub.context.services.repositories.open(hub.ada, {
      type: "model",
      id,
    });
    expect(summary.sha).toBe(head);
    expect(summary.tags).toContain("pushed");
    await hub.git(name, "push", "--quiet", "origin", ":feature/x", ":v1");
    expect((await repository.refs()).map(({ ref }) => ref)).toEqual([
      "refs/heads/main",
      "refs/pr/1",
    ]);
    await hub.git(name, "commit", "--quiet", "--amend", "-m", "Rewritten");
    expect((await hub.tryGit(name, "push", "origin", "main")).stderr).toContain("non-fast-forward");
    await hub.git(name, "push", "--quiet", "--force", "origin", "main");
    expect(await repository.resolve("main")).toBe(
      (await hub.git(name, "rev-parse", "HEAD")).stdout.trim(),
    );
  });

  it("takes large pushes in chunks, thousands of files, and shows progress", async () => {
    const { name, id } = await cloned(hub);
    for (let index = 0; index < 2000; index++) {
      await mkdir(join(hub.directory, name, `d${index % 50}`), { recursive: true });
      await writeFile(
        join(hub.directory, name, `d${index % 50}`, `f${index}`),
        `file ${index}\n`.repeat(20),
      );
    }
    await writeFile(join(hub.directory, name, "random.dat"), randomBytes(6_000_000));
    await hub.git(name, "add", "--all");
    await hub.git(name, "commit", "--quiet", "-m", "Many");
    const started = performance.now();
    await hub.git(name, "push", "--progress", "origin", "main");
    console.info(`push of 2001 files, 6 MB: ${Math.round(performance.now() - started)} ms`);
    expect(await headPaths(hub, id)).toHaveLength(2001 + 50 + 1);
  });

  it("refuses what the rules forbid, says why, and keeps nothing", async () => {
    const { name, repository } = await cloned(hub);
    const before = await repository.refs();
    const objects = async () => (await readdir(join(repository.directory, "objects"))).sort();
    const listed = await objects();
    const packs = (await readdir(join(repository.directory, "objects", "pack"))).length;
    const refused = async (...args: string[]) => {
      const ran = await hub.tryGit(name, "push", "origin", ...args);
      expect(ran.code).not.toBe(0);
      return ran.stderr;
    };
    expect(await refused(":main")).toContain("Cannot delete refs/heads/main");
    expect(await refused("HEAD:refs/notes/x")).toContain("only refs/heads/*");
    expect(await refused("HEAD:refs/convert/parquet")).toContain("only refs/heads/*");
    expect(await refused("HEAD^{tree}:refs/tags/tree")).toContain("must point to a commit");
    await hub.git(name, "tag", "-a", "odd", "-m", "x");
    expect(await refused("odd:refs/heads/odd")).toMatch(/must point to a commit|commit/);
    await commitFile(hub, name, { path: "README.md", content: "---\nlicense: [unclosed\n---\n" });
    const yaml = await refused("main");
    expect(yaml).toContain("remote: Your push was rejected because README.md has invalid metadata");
    expect(yaml).toContain("pre-receive hook declined");
    await hub.git(name, "reset", "--quiet", "--hard", "HEAD~1");
    await commitFile(hub, name, {
      path: "weights.bin",
      content: randomBytes(10 * 1024 * 1024 + 1),
    });
    await hub.git(name, "rm", "--quiet", "weights.bin");
    await hub.git(name, "commit", "--quiet", "-m", "It stays in history");
    const large = await refused("main");
    expect(large).toContain("remote:   - weights.bin (10.0 MiB)");
    expect(large).toContain("git lfs migrate");
    await hub.git(name, "reset", "--quiet", "--hard", "HEAD~2");
    await commitFile(hub, name, {
      path: "model.bin",
      content: `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 5\n`,
    });
    expect(await refused("main")).toContain(`remote:   - model.bin (sha256 ${"ab".repeat(32)})`);
    expect(await repository.refs()).toEqual(before);
    expect(await objects()).toEqual(listed);
    expect(await readdir(join(repository.directory, "objects", "pack"))).toHaveLength(packs);
  });

  it("is all or nothing when asked to be", async () => {
    const { name, repository } = await cloned(hub);
    const before = await repository.refs();
    await commitFile(hub, name, { path: "x", content: "x" });
    const ran = await hub.tryGit(name, "push", "--atomic", "origin", "main", "HEAD:refs/notes/x");
    expect(ran.stderr).toContain("atomic push failed");
    expect(await repository.refs()).toEqual(before);
    const partly = await hub.tryGit(name, "push", "origin", "main", "HEAD:refs/notes/x");
    expect(partly.code).not.toBe(0);
    expect(await repository.resolve("main")).toBe(
      (await hub.git(name, "rev-parse", "HEAD")).stdout.trim(),
    );
    await hub.git(
      name,
      "push",
      "--quiet",
      "--atomic",
      "origin",
      "HEAD:refs/heads/a",
      "HEAD:refs/heads/b",
    );
    expect(await repository.refs()).toHaveLength(before.length + 2);
  });

  it("never loses an API commit to a push, nor a push to an API commit", {
    timeout: 60_000,
  }, async () => {
    const { name, id, repository } = await cloned(hub);
    const pushed: string[] = [];
    const committed: string[] = [];
    let lost = 0;
    for (let round = 0; round < 6; round++) {
      await hub.git(name, "pull", "--quiet", "--rebase", "origin", "main");
      await commitFile(hub, name, { path: `pushed-${round}`, content: `${round}` });
      // Now one first, now the other, and both at once.
      const api = async () => {
        await new Promise((resolve) => setTimeout(resolve, round * 60));
        await apiCommit(hub, id, [put(`api-${round}`, `${round}`)]);
        committed.push(`api-${round}`);
      };
      const push = async () => {
        for (;;) {
          const ran = await hub.tryGit(name, "push", "--quiet", "origin", "main");
          if (ran.code === 0) break;
          expect(ran.stderr).toMatch(/fetch first|non-fast-forward|rejected/);
          lost++;
          await hub.git(name, "pull", "--quiet", "--rebase", "origin", "main");
        }
        pushed.push(`pushed-${round}`);
      };
      await Promise.all(round % 2 === 0 ? [api(), push()] : [push(), api()]);
    }
    expect(await headPaths(hub, id)).toEqual(expect.arrayContaining([...pushed, ...committed]));
    expect(pushed.length + committed.length).toBe(12);
    expect(await repository.countCommits((await repository.resolve("main")) ?? "")).toBe(13);
    console.info(`12 concurrent writes in 6 rounds; ${lost} pushes had to rebase`);
  });

  it("refuses packs that are broken or lack objects", async () => {
    const { name, id, repository } = await cloned(hub);
    await commitFile(hub, name, { path: "x", content: "x" });
    const head = (await hub.git(name, "rev-parse", "HEAD")).stdout.trim();
    const old = (await repository.resolve("main")) ?? "";
    const push = async (pack: Uint8Array, ...lines: string[]) => {
      const [first = "", ...rest] = lines;
      const commands = [
        packet(`${first}\0report-status side-band-64k`),
        ...rest.map((line) => packet(line)),
      ];
      const response = await fetch(`${hub.url}/${id}/git-receive-pack`, {
        method: "POST",
        headers: { authorization: `Bearer ${hub.token}` },
        body: Buffer.concat([...commands, Buffer.from("0000"), pack]),
      });
      return `${response.status} ${await response.text()}`;
    };
    const command = `${old} ${head} refs/heads/main`;
    expect(await push(Buffer.from("PACKgarbage that is none"), command)).toContain(
      "unpacker error",
    );
    expect(await push(Buffer.alloc(0), command)).toContain("unpacker error");
    // An empty pack: the commit itself is missing.
    const empty = Buffer.from(
      "5041434b0000000200000000029d08823bd8a8eab510ad6ac75c823cfd3ed31e",
      "hex",
    );
    expect(await push(empty, command)).toMatch(
      /missing necessary objects|must point to a commit|declined/,
    );
    expect(await push(empty, `${old} ${head}`)).toMatch(/^400 /);
    expect(await push(empty, `${old} zzz refs/heads/main`)).toMatch(/^400 /);
    expect(await push(empty, command, command)).toMatch(/^400 .*twice/);
    expect(await push(empty, `${head} ${old} refs/heads/main`)).toContain("fetch first");
    expect(await push(empty, `${"0".repeat(40)} ${old} refs/heads/../../config`)).toContain(
      "funny refname",
    );
    expect(await push(empty, `${"0".repeat(40)} ${old} refs/heads/-x y`)).toContain(
      "funny refname",
    );
    expect(await repository.resolve("main")).toBe(old);
    await hub.git(name, "push", "--quiet", "origin", "main");
  });
});
