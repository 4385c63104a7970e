// Bodies are streamed: the server's memory does not grow with the size of a file, whichever way it goes in or out.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { uploadFile } from "@huggingface/hub";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise } from "./support/bytes.ts";
import { call, commit, createRepo, lfsBatch } from "./support/http.ts";
import { startHub, type TestHub } from "./support/hub-server.ts";

const MB = 1 << 20;
const SMALL = 80 * MB;
const LARGE = 320 * MB;
/** Garbage that is not collected yet, not a copy of the file. */
const SLACK = 80 * MB;

let hub: TestHub;
let repo: string;
beforeAll(async () => {
  hub = await startHub("streaming");
  repo = await createRepo(hub, "large-files");
});
afterAll(() => hub?.[Symbol.asyncDispose]());

/** Made as it is sent: nothing to hold on this side either. */
function* blocks(seed: number, length: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let offset = 0; offset < length; offset += MB) {
    yield noise(seed * 10_000 + offset / MB, Math.min(MB, length - offset));
  }
}

function digest(seed: number, length: number): string {
  const hash = createHash("sha256");
  for (const block of blocks(seed, length)) hash.update(block);
  return hash.digest("hex");
}

async function upload(seed: number, length: number): Promise<string> {
  const oid = digest(seed, length);
  const { upload: action } = await lfsBatch(hub, repo, { oid, size: length });
  const body = Readable.toWeb(Readable.from(blocks(seed, length)));
  // Node's fetch takes its own web stream and needs `duplex`, which the DOM's types do not know.
  const init = { method: "PUT", body, duplex: "half" } as unknown as RequestInit;
  const reply = await fetch(action?.href ?? "", init);
  expect(reply.status).toBeLessThan(300);
  const path = `${seed}.bin`;
  const lines = [
    { key: "header", value: { summary: path } },
    { key: "lfsFile", value: { path, algo: "sha256", oid, size: length } },
  ];
  expect((await commit(hub, repo, lines)).status).toBe(200);
  return path;
}

async function download(path: string): Promise<string> {
  const reply = await call(hub, `GET /${repo}/resolve/main/${path}`);
  const hash = createHash("sha256");
  for await (const chunk of reply.body ?? []) hash.update(chunk);
  return hash.digest("hex");
}

test("LFS upload and plain download", async () => {
  expect(await download(await upload(1, SMALL))).toBe(digest(1, SMALL));
  const before = await hub.peakMemory();
  expect(await download(await upload(2, LARGE))).toBe(digest(2, LARGE));
  expect((await hub.peakMemory()) - before).toBeLessThan(SLACK);
});

test("Xet upload and download by reconstruction", async () => {
  const send = async (seed: number, length: number): Promise<string> => {
    const path = `xet-${seed}.bin`;
    const file = { path, content: new Blob([...blocks(seed, length)]) };
    await uploadFile({ repo, file, hubUrl: hub.url, accessToken: hub.token });
    return path;
  };
  expect(await download(await send(3, SMALL))).toBe(digest(3, SMALL));
  const before = await hub.peakMemory();
  expect(await download(await send(4, LARGE))).toBe(digest(4, LARGE));
  expect((await hub.peakMemory()) - before).toBeLessThan(SLACK);
});

test("a reader that goes away in the middle, many times, costs nothing", async () => {
  const path = await upload(5, SMALL);
  const before = await hub.peakMemory();
  for (let round = 0; round < 30; round++) {
    const controller = new AbortController();
    const reply = await fetch(`${hub.url}/${repo}/resolve/main/${path}`, {
      signal: controller.signal,
    });
    const reader = reply.body?.getReader();
    await reader?.read();
    controller.abort();
    await reader?.closed.catch(() => undefined);
  }
  expect((await hub.peakMemory()) - before).toBeLessThan(SLACK);
  expect((await call(hub, "GET /api/whoami-v2")).status).toBe(200);
});
