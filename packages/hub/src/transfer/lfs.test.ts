import { createHash, randomBytes } from "node:crypto";
import { openAsBlob } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createConnection } from "../connection.ts";
import { parseRepoId } from "../repo-id.ts";
import { uploadLfsObject } from "./lfs.ts";

const MEGABYTE = 1 << 20;

test("uploadLfsObject() streams: its memory does not grow with the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bearhug-lfs-"));
  const path = join(folder, "large.bin");
  const file = await open(path, "w");
  const piece = randomBytes(MEGABYTE);
  for (let i = 0; i < 96; i++) await file.write(piece);
  await file.close();

  const hash = createHash("sha256");
  let peak = 0;
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => {
      hash.update(chunk);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
    });
    request.on("end", () => response.end(request.headers["content-length"]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const href = `http://127.0.0.1:${(server.address() as AddressInfo).port}/upload`;
  const before = process.memoryUsage().arrayBuffers;
  let sent = 0;
  await uploadLfsObject(
    createConnection({ endpoint: href, token: false }),
    {
      repo: parseRepoId("ada/large"),
      path: "large.bin",
      content: await openAsBlob(path),
      object: { oid: "", size: 96 * MEGABYTE, upload: { href, header: {} }, verify: undefined },
    },
    {
      onBytes: (count) => {
        sent += count;
      },
    },
  );
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
  expect(sent).toBe(96 * MEGABYTE);
  const expected = createHash("sha256");
  for (let i = 0; i < 96; i++) expected.update(piece);
  expect(hash.digest("hex")).toBe(expected.digest("hex"));
  expect((peak - before) / MEGABYTE).toBeLessThan(48);
});
