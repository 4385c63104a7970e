// Large files over LFS, the way that is left when the server or the user refuses Xet.
import { createHash } from "node:crypto";
import type { ProgressEvent } from "@bearhug/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnection } from "../packages/hub/src/connection.ts";
import { parseRepoId } from "../packages/hub/src/repo-id.ts";
import { uploadLargeFiles } from "../packages/hub/src/transfer/upload-large-files.ts";
import { createScratchHub, type ScratchHub } from "../packages/server/src/git/scratch-hub.case.ts";
import { digest, noise } from "./support/content.ts";

const PART_BYTES = 100_000;
const repo = parseRepoId("ada/large");

let hub: ScratchHub;
beforeAll(async () => {
  hub = await createScratchHub({ partBytes: PART_BYTES });
  await hub.createRepo("large");
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

function upload(
  contents: readonly Uint8Array<ArrayBuffer>[],
  options: { signal?: AbortSignal } = {},
) {
  const events: ProgressEvent[] = [];
  const requests: string[] = [];
  const connection = createConnection({
    endpoint: hub.url,
    token: hub.token,
    xet: false,
    retryDelayMs: 5,
    fetch: (input, init) => {
      requests.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
  });
  const files = contents.map((bytes, index) => ({
    path: `${index}.bin`,
    content: new Blob([bytes]),
    sha256: digest(bytes),
  }));
  const done = uploadLargeFiles(
    connection,
    { repo, createPullRequest: false, files },
    { ...options, onProgress: (event) => events.push(event) },
  );
  return { done, events, requests };
}

/** Digest of what the server keeps under the content's name. */
async function stored(bytes: Uint8Array): Promise<string | undefined> {
  const key = `lfs/${digest(bytes)}`;
  if ((await hub.context.blobs.size(key)) === undefined) return undefined;
  const hash = createHash("sha256");
  for await (const chunk of hub.context.blobs.read(key)) hash.update(chunk);
  return hash.digest("hex");
}

test("small objects go in one request, large ones in parts, with progress to the total", async () => {
  const contents = [noise(50_000, 1), noise(3 * PART_BYTES, 2), noise(3 * PART_BYTES + 1, 3)];
  const { done, events, requests } = upload(contents);
  await done;
  for (const content of contents) expect(await stored(content)).toBe(digest(content));
  expect(requests.filter((line) => line.startsWith("PUT"))).toHaveLength(1 + 3 + 4);
  const total = contents.reduce((sum, content) => sum + content.length, 0);
  expect(events.at(-1)).toMatchObject({ phase: "upload", done: total, total, unit: "bytes" });
});

test("content that is stored already is not sent again, and twins are sent once", async () => {
  const content = noise(60_000, 4);
  await upload([content, content]).done;
  const again = upload([content]);
  await again.done;
  expect(again.requests).toEqual(["POST /ada/large.git/info/lfs/objects/batch"]);
  expect(again.events.at(-1)).toMatchObject({ done: 60_000, total: 60_000 });
});

test("an aborted upload stores nothing", async () => {
  const content = noise(20 * PART_BYTES, 5);
  const controller = new AbortController();
  const { done, events } = upload([content], { signal: controller.signal });
  const watch = setInterval(() => events.length > 2 && controller.abort(), 1);
  await expect(done).rejects.toMatchObject({ name: "AbortError" });
  clearInterval(watch);
  expect(await stored(content)).toBeUndefined();
});
