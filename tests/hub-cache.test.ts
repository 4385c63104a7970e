import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EntryNotFoundError, LocalEntryNotFoundError, type UploadEvent } from "@bearhug/hub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, noise } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

let hub: InProcessHub;
beforeAll(async () => {
  hub = await startInProcessHub();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

describe("downloads into the cache", () => {
  test("snapshot() brings what matches, with progress, and serves it without a network", async () => {
    const client = hub.client();
    await client.createRepo("ada/snap");
    const weights = noise(2_000_000, 5);
    const { oid } = await client.commit("ada/snap", {
      title: "x",
      operations: [
        { type: "put", path: "config.json", content: "{}" },
        { type: "put", path: "onnx/model.onnx", content: weights },
        { type: "put", path: "twin.bin", content: weights },
        { type: "put", path: "notes/é ü.txt", content: "spaces and accents" },
      ],
    });
    const events: number[] = [];
    let total = 0;
    const onProgress = (event: UploadEvent) => {
      events.push(event.done);
      total = event.total ?? 0;
    };
    const offline = hub.client({ offline: true });
    await expect(offline.snapshot("ada/snap")).rejects.toThrow(LocalEntryNotFoundError);
    const part = await client.snapshot("ada/snap", { include: "*.json", onProgress });
    expect(part).toBe(join(hub.cacheDir, "models--ada--snap", "snapshots", oid));
    expect(await readdir(part)).toEqual(["config.json"]);
    expect(await offline.snapshot("ada/snap", { include: "*.json" })).toBe(part);
    await expect(offline.snapshot("ada/snap")).rejects.toThrow(/4 files are missing/);
    const whole = await client.snapshot("ada/snap", { onProgress });
    expect(events.at(-1)).toBe(total);
    expect(digest(await readFile(join(whole, "twin.bin")))).toBe(digest(weights));
    expect(await readFile(join(whole, "notes/é ü.txt"), "utf8")).toBe("spaces and accents");
    expect(await offline.snapshot("ada/snap")).toBe(whole);
    expect(await offline.downloadToCache("ada/snap", "onnx/model.onnx")).toBe(
      join(whole, "onnx/model.onnx"),
    );
    await expect(offline.downloadToCache("ada/snap", "none")).rejects.toThrow(EntryNotFoundError);
    const blobs = await readdir(join(hub.cacheDir, "models--ada--snap", "blobs"));
    expect(blobs).toHaveLength(4);
  });

  test("an aborted snapshot leaves nothing half-written, and goes on later", async () => {
    const client = hub.client();
    await client.createRepo("ada/slow");
    const contents = [6, 7, 8].map((seed) => noise(1_000_000, seed));
    await client.commit("ada/slow", {
      title: "x",
      operations: contents.map((content, i) => ({
        type: "put" as const,
        path: `${i}.bin`,
        content,
      })),
    });
    const controller = new AbortController();
    const onProgress = (event: UploadEvent) => event.done > 400_000 && controller.abort();
    const options = { signal: controller.signal, onProgress, concurrency: 1 };
    await expect(client.snapshot("ada/slow", options)).rejects.toMatchObject({
      name: "AbortError",
    });
    await expect(hub.client({ offline: true }).snapshot("ada/slow")).rejects.toThrow(
      LocalEntryNotFoundError,
    );
    const folder = await client.snapshot("ada/slow");
    for (const [i, content] of contents.entries()) {
      expect(digest(await readFile(join(folder, `${i}.bin`)))).toBe(digest(content));
    }
  });

  test("listCache() and pruneCache() know what is in use", async () => {
    const client = hub.client({ cacheDir: join(hub.folder, "prune") });
    await client.createRepo("ada/pruned");
    const put = (content: string) =>
      client.commit("ada/pruned", {
        title: "x",
        operations: [
          { type: "put", path: "a", content },
          { type: "put", path: "same", content: "same" },
        ],
      });
    const first = await put("old content");
    await client.snapshot("ada/pruned");
    const second = await put("new");
    await client.snapshot("ada/pruned");
    const [repo] = await client.listCache();
    expect(repo).toMatchObject({ type: "model", name: "ada/pruned" });
    expect(repo?.revisions.map(({ commit, refs }) => [commit, refs]).sort()).toEqual(
      [
        [first.oid, []],
        [second.oid, ["main"]],
      ].sort(),
    );
    const pruned = await client.pruneCache();
    expect(pruned).toEqual({
      revisions: [{ name: "ada/pruned", commit: first.oid }],
      parts: 0,
      freedBytes: 11,
    });
    const folder = await hub
      .client({ cacheDir: client.cacheDir, offline: true })
      .snapshot("ada/pruned");
    expect(await readFile(join(folder, "same"), "utf8")).toBe("same");
    expect(await client.pruneCache()).toEqual({ revisions: [], parts: 0, freedBytes: 0 });
  });
});
