// Our own pipeline, in a user's process, loads the real checkpoint from our own Hub.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRepo } from "./support/http.ts";
import { bearhug, command, startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing } from "./support/paths.ts";

const absent = missing(CHECKPOINT);
const MODEL = "ada/all-MiniLM-L6-v2";

let hub: TestHub;
let home: string;
beforeAll(async () => {
  if (absent) return;
  hub = await startHub("pipeline");
  home = await mkdtemp(join(tmpdir(), "bearhug-home-"));
  await createRepo(hub, "all-MiniLM-L6-v2");
  await bearhug(["upload", MODEL, CHECKPOINT], environment());
  // The first start downloads; what is measured later is a start from the cache.
  expect(await program("once")).toEqual({ length: 384 });
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  if (home) await rm(home, { recursive: true, force: true });
});

const environment = (): Record<string, string> => ({
  HF_ENDPOINT: hub.url,
  HF_TOKEN: hub.token,
  HF_HOME: home,
});

async function program(action: string, env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, "support", "embed-process.mjs");
  const printed = await command(process.execPath, ["--expose-gc", script, action, MODEL], {
    env: { ...environment(), ...env },
  });
  return JSON.parse(printed.trim().split("\n").at(-1) ?? "");
}

describe.skipIf(absent)(`pipeline("feature-extraction")${absent ? ` (${absent})` : ""}`, () => {
  test("equals Python's sentence-transformers on 50 sentences, alone and in batches; weights stay in their file", async () => {
    for (const network of ["online", "offline"]) {
      const env = network === "offline" ? { HF_HUB_OFFLINE: "1" } : {};
      const result = await program("compare", env);
      const { count, alone, batched, pairs, openBytes, afterRunsBytes } = result;
      console.log({ network, alone, batched, pairs, openBytes, afterRunsBytes });
      expect(count).toBe(50);
      expect(alone.largest).toBeLessThan(1e-5);
      expect(batched.largest).toBeLessThan(1e-5);
      expect(pairs.largest).toBeLessThan(1e-5);
      expect(openBytes, `private memory above Node's own, ${network}`).toBeLessThan(100e6);
    }
  });

  test("the event loop answers while it runs", async () => {
    const { seconds, ticks, p99Ms, maxMs } = await program("responsive");
    console.log({ seconds, ticks, p99Ms, maxMs });
    expect(maxMs).toBeLessThan((seconds * 1000) / 2);
  });

  test("a run is aborted soon, and the pipeline lives", async () => {
    const { name, stoppedAfterMs, wholeMs, length } = await program("abort");
    console.log({ name, stoppedAfterMs, wholeMs });
    expect(name).toBe("AbortError");
    // Without the abort, more than four of six batches would have followed.
    expect(stoppedAfterMs).toBeLessThan(wholeMs / 2);
    expect(length).toBe(384);
  });

  test("starts again with the network off", async () => {
    await hub.kill();
    expect(await program("once", { HF_HUB_OFFLINE: "1" })).toEqual({ length: 384 });
    await hub.restart();
  });

  test("Python's cache and ours are one: what the command downloaded, the program finds", async () => {
    const fresh = await mkdtemp(join(tmpdir(), "bearhug-home-"));
    try {
      await bearhug(["download", MODEL], { ...environment(), HF_HOME: fresh });
      expect(await program("once", { HF_HOME: fresh, HF_HUB_OFFLINE: "1" })).toEqual({
        length: 384,
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
});
