import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiCommit, cloned, put } from "./git-work.case.ts";
import { packet } from "./packet-line.ts";
import { createScratchHub, type ScratchHub } from "./scratch-hub.case.ts";

let hub: ScratchHub;

beforeAll(async () => {
  hub = await createScratchHub();
});

afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

describe("Git clone and fetch", () => {
  it("clones what the API committed, with and without .git in the address", async () => {
    const { id } = await cloned(hub);
    const oid = await apiCommit(hub, id, [put("README.md", "# Hello"), put("a/b.txt", "b")]);
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
    const { name, id } = await cloned(hub);
    const oid = await apiCommit(hub, id, [put("new", version)]);
    await hub.git(name, "-c", `protocol.version=${version}`, "fetch", "--quiet");
    expect((await hub.git(name, "rev-parse", "origin/main")).stdout.trim()).toBe(oid);
  });

  it("clones shallow and partial, deepens, and brings what is missing later", async () => {
    const { id, name } = await cloned(hub);
    for (let index = 0; index < 5; index++)
      await apiCommit(hub, id, [put("file", `content ${index}`)]);
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
    const { id, name } = await cloned(hub, { private: true });
    const open = await cloned(hub);
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
    const { id } = await cloned(hub);
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
    const { id, repository } = await cloned(hub);
    const big = Array.from({ length: 6 }, (_, index) => ({
      type: "put" as const,
      path: `big-${index}`,
      content: randomBytes(8_000_000),
    }));
    await apiCommit(hub, id, big);
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
