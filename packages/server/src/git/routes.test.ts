import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TreeChange } from "../store/repositories/repository-store.ts";
import { packet } from "./packet-line.ts";
import { createScratchHub, type ScratchHub } from "./scratch-hub.case.ts";

let hub: ScratchHub;
let count = 0;

beforeAll(async () => {
  hub = await createScratchHub();
});

afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

function put(path: string, content: string): TreeChange {
  return { type: "put", path, content: Buffer.from(content) };
}

async function apiCommit(id: string, changes: readonly TreeChange[]): Promise<string> {
  const { context, ada } = hub;
  const { git } = await context.services.repositories.open(ada, { type: "model", id });
  const author = { name: "Api", email: "api@example.org" };
  const request = { ref: "refs/heads/main", author, title: "By the API", changes };
  return (await git.commit(request)).oid;
}

/** A new repository and a clone of it. */
async function cloned(options?: { readonly private?: boolean }) {
  const name = `repo-${count++}`;
  const repository = await hub.createRepo(name, options);
  await hub.git("", "clone", "--quiet", hub.remote(`ada/${name}`), name);
  return { name, id: `ada/${name}`, repository, folder: join(hub.directory, name) };
}

async function commitFile(name: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(hub.directory, name, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
  await hub.git(name, "add", "--all");
  await hub.git(name, "commit", "--quiet", "-m", `Write ${path}`);
}

async function headPaths(id: string): Promise<string[]> {
  const { git } = await hub.context.services.repositories.open(hub.ada, { type: "model", id });
  const tree = await git.listTree((await git.resolve("main")) ?? "", "", { recursive: true });
  return (tree ?? []).map((entry) => entry.path);
}

describe("Git clone and fetch", () => {
  it("clones what the API committed, with and without .git in the address", async () => {
    const { id } = await cloned();
    const oid = await apiCommit(id, [put("README.md", "# Hello"), put("a/b.txt", "b")]);
    for (const [address, folder] of [
      [hub.remote(id), `${id.slice(4)}-plain`],
      [`${hub.url}/${id}.git`, `${id.slice(4)}-git`],
    ] as const) {
      await hub.git("", "clone", "--quiet", address, folder);
      expect((await hub.git(folder, "rev-parse", "HEAD")).stdout.trim()).toBe(oid);
      expect(await readFile(join(hub.directory, folder, "a/b.txt"), "utf8")).toBe("b");
    }
  });

  it.each(["0", "1", "2"])("speaks protocol version %s", async (version) => {
    const { name, id } = await cloned();
    const oid = await apiCommit(id, [put("new", version)]);
    await hub.git(name, "-c", `protocol.version=${version}`, "fetch", "--quiet");
    expect((await hub.git(name, "rev-parse", "origin/main")).stdout.trim()).toBe(oid);
  });

  it("clones shallow and partial, deepens, and brings what is missing later", async () => {
    const { id, name } = await cloned();
    for (let index = 0; index < 5; index++) await apiCommit(id, [put("file", `content ${index}`)]);
    await hub.git("", "clone", "--quiet", "--depth=2", hub.remote(id), `${name}-shallow`);
    const shallow = async () =>
      (await hub.git(`${name}-shallow`, "rev-list", "--count", "HEAD")).stdout.trim();
    expect(await shallow()).toBe("2");
    await hub.git(`${name}-shallow`, "fetch", "--quiet", "--unshallow");
    expect(await shallow()).toBe("6");
    await hub.git(
      "",
      "clone",
      "--quiet",
      "--filter=blob:none",
      "--no-checkout",
      hub.remote(id),
      `${name}-partial`,
    );
    const missing = await hub.git(
      `${name}-partial`,
      "rev-list",
      "--objects",
      "--missing=print",
      "--all",
    );
    expect(missing.stdout).toMatch(/^\?/m);
    await hub.git(`${name}-partial`, "checkout", "--quiet", "HEAD~3");
    expect(await readFile(join(hub.directory, `${name}-partial`, "file"), "utf8")).toBe(
      "content 1",
    );
    const old = (await hub.git(`${name}-shallow`, "rev-parse", "HEAD~4")).stdout.trim();
    await mkdir(join(hub.directory, `${name}-by-sha`));
    await hub.git(`${name}-by-sha`, "init", "--quiet");
    await hub.git(
      `${name}-by-sha`,
      "-c",
      "protocol.version=0",
      "fetch",
      "--quiet",
      "--depth=1",
      hub.remote(id),
      old,
    );
    expect((await hub.git(`${name}-by-sha`, "rev-parse", "FETCH_HEAD")).stdout.trim()).toBe(old);
  });

  it("asks strangers for credentials, tells the others what they may know", async () => {
    const { id, name } = await cloned({ private: true });
    const open = await cloned();
    const status = async (path: string, token?: string) => {
      const headers = token ? { authorization: `Bearer ${token}` } : {};
      const response = await fetch(`${hub.url}/${path}`, { headers });
      return [response.status, response.headers.get("www-authenticate"), await response.text()];
    };
    const upload = "info/refs?service=git-upload-pack";
    const receive = "info/refs?service=git-receive-pack";
    const realm = 'Basic realm="Authentication required"';
    const refused = [401, realm, "Invalid username or password.\n"];
    expect(await status(`${id}/${upload}`)).toEqual(refused);
    expect(await status(`ada/unknown/${upload}`)).toEqual(refused);
    expect((await status(`${open.id}/${receive}`))[0]).toBe(401);
    expect(await status(`${id}/${upload}`, hub.strangerToken)).toEqual([
      404,
      null,
      "Repository not found\n",
    ]);
    expect((await status(`ada/unknown.git/${upload}`, hub.token))[0]).toBe(404);
    expect((await status(`datasets/${open.id}/${upload}`, hub.token))[0]).toBe(404);
    expect((await status(`${open.id}/${receive}`, hub.strangerToken))[0]).toBe(403);
    expect((await status(`${open.id}/${receive}`, hub.readToken))[0]).toBe(403);
    expect((await status(`${id}/${upload}`, hub.readToken))[0]).toBe(200);
    expect((await status(`${open.id}/${upload}`, "hf_wrong"))[0]).toBe(401);
    expect((await status(`${open.id}/info/refs`))[0]).toBe(403);
    const asUser = `${hub.url.replace("://", `://${hub.token}:@`)}/${id}`;
    await hub.git("", "clone", "--quiet", asUser, `${name}-token-as-user`);
    const anonymous = await hub.tryGit("", "clone", `${hub.url}/${id}`, `${name}-anonymous`);
    expect(anonymous.code).not.toBe(0);
  });

  it("takes gzipped requests, refuses broken ones, and lives", async () => {
    const { id } = await cloned();
    const post = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}) =>
      fetch(`${hub.url}/${id}/git-upload-pack`, {
        method: "POST",
        headers: { "git-protocol": "version=2", ...headers },
        body,
      });
    const listing = Buffer.concat([packet("command=ls-refs\n"), Buffer.from("00010000")]);
    const answer = await (await post(gzipSync(listing), { "content-encoding": "gzip" })).text();
    expect(answer).toContain("refs/heads/main");
    expect(await (await post(listing)).text()).toBe(answer);
    expect((await post(listing, { "content-encoding": "br" })).status).toBe(415);
    const broken = await post("not gzip", { "content-encoding": "gzip" });
    expect([broken.status, await broken.text()]).toEqual([400, "The body is not gzip\n"]);
    // Git itself answers these, inside its protocol.
    await (await post("zzzz garbage")).text().catch(() => "");
    await (await post(randomBytes(1000))).text().catch(() => "");
    expect(await (await post(listing)).text()).toBe(answer);
  });

  it("ends its children when the client goes away in the middle of a clone", async () => {
    const { id, repository } = await cloned();
    const big = Array.from({ length: 6 }, (_, index) => ({
      type: "put" as const,
      path: `big-${index}`,
      content: randomBytes(8_000_000),
    }));
    await apiCommit(id, big);
    const oid = (await repository.resolve("main")) ?? "";
    const body = Buffer.concat([
      packet("command=fetch"),
      packet("object-format=sha1"),
      Buffer.from("0001"),
      packet(`want ${oid}\n`),
      packet("done\n"),
      Buffer.from("0000"),
    ]);
    const { port } = new URL(hub.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `POST /${id}/git-upload-pack HTTP/1.1\r\nHost: x\r\nGit-Protocol: version=2\r\n` +
        `Content-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await new Promise((resolve) => socket.once("data", resolve));
    socket.pause();
    expect(await packers(repository.directory)).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(() => packers(repository.directory), { timeout: 5000 }).toBe(0);
  });
});

/** Git processes that serve a repository (its long-lived reader apart). */
async function packers(directory: string): Promise<number> {
  let found = 0;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const line = await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
    if (line.includes("upload-pack") && line.includes(directory)) found++;
  }
  return found;
}

describe("Git push", () => {
  it("moves references, creates and deletes branches and tags, and keeps the index up to date", async () => {
    const { name, id, repository } = await cloned();
    await commitFile(name, "config.json", '{"model_type":"bert"}');
    await commitFile(name, "README.md", "---\nlicense: mit\ntags: [pushed]\n---\n# Hi\n");
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
    const { name, id } = await cloned();
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
    expect(await headPaths(id)).toHaveLength(2001 + 50 + 1);
  });

  it("refuses what the rules forbid, says why, and keeps nothing", async () => {
    const { name, repository } = await cloned();
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
    await commitFile(name, "README.md", "---\nlicense: [unclosed\n---\n");
    const yaml = await refused("main");
    expect(yaml).toContain("remote: Your push was rejected because README.md has invalid metadata");
    expect(yaml).toContain("pre-receive hook declined");
    await hub.git(name, "reset", "--quiet", "--hard", "HEAD~1");
    await commitFile(name, "weights.bin", randomBytes(10 * 1024 * 1024 + 1));
    await hub.git(name, "rm", "--quiet", "weights.bin");
    await hub.git(name, "commit", "--quiet", "-m", "It stays in history");
    const large = await refused("main");
    expect(large).toContain("remote:   - weights.bin (10.0 MiB)");
    expect(large).toContain("git lfs migrate");
    await hub.git(name, "reset", "--quiet", "--hard", "HEAD~2");
    await commitFile(
      name,
      "model.bin",
      `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 5\n`,
    );
    expect(await refused("main")).toContain(`remote:   - model.bin (sha256 ${"ab".repeat(32)})`);
    expect(await repository.refs()).toEqual(before);
    expect(await objects()).toEqual(listed);
    expect(await readdir(join(repository.directory, "objects", "pack"))).toHaveLength(packs);
  });

  it("is all or nothing when asked to be", async () => {
    const { name, repository } = await cloned();
    const before = await repository.refs();
    await commitFile(name, "x", "x");
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
    const { name, id, repository } = await cloned();
    const pushed: string[] = [];
    const committed: string[] = [];
    let lost = 0;
    for (let round = 0; round < 6; round++) {
      await hub.git(name, "pull", "--quiet", "--rebase", "origin", "main");
      await commitFile(name, `pushed-${round}`, `${round}`);
      // Now one first, now the other, and both at once.
      const api = async () => {
        await new Promise((resolve) => setTimeout(resolve, round * 60));
        await apiCommit(id, [put(`api-${round}`, `${round}`)]);
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
    expect(await headPaths(id)).toEqual(expect.arrayContaining([...pushed, ...committed]));
    expect(pushed.length + committed.length).toBe(12);
    expect(await repository.countCommits((await repository.resolve("main")) ?? "")).toBe(13);
    console.info(`12 concurrent writes in 6 rounds; ${lost} pushes had to rebase`);
  });

  it("refuses packs that are broken or lack objects", async () => {
    const { name, id, repository } = await cloned();
    await commitFile(name, "x", "x");
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
