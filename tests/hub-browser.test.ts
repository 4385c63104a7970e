// The client as browsers get it: bundled with the browser's platform, and no module of Node in it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { all, bytesOf, digest, noise } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

let hub: InProcessHub;
let folder: string;
let browser: typeof import("@bearhug/hub");
let bundle: string;

beforeAll(async () => {
  hub = await startInProcessHub();
  folder = await mkdtemp(join(tmpdir(), "bearhug-browser-"));
  const result = await build({
    entryPoints: ["packages/hub/src/index.ts"],
    bundle: true,
    platform: "browser",
    conditions: ["source"],
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  bundle = result.outputFiles[0]?.text ?? "";
  const file = join(folder, "hub.mjs");
  await writeFile(file, bundle);
  browser = await import(pathToFileURL(file).href);
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("the bundle asks for nothing of Node", () => {
  expect([...bundle.matchAll(/["']node:[\w/]+["']/g)].map(([name]) => name)).toEqual([]);
  expect(bundle).not.toMatch(/\bprocess\.env\b/);
});

test("HubClient creates, uploads, lists and downloads; what needs a disk says so", async () => {
  const client = new browser.HubClient({
    endpoint: "http://hub.test",
    token: hub.token,
    fetch: (input, init) => {
      expect(new Headers(init?.headers).has("user-agent")).toBe(false);
      expect(init?.body instanceof ReadableStream).toBe(false);
      return hub.server.fetch(new Request(input, init));
    },
  });
  const content = noise(400_000, 21);
  await client.createRepo("ada/dropped");
  await client.uploadFolder("ada/dropped", [
    { path: "model.bin", content },
    { path: "config.json", content: "{}" },
  ]);
  const paths = (await all(client.listFiles("ada/dropped"))).map(({ path }) => path);
  expect(paths).toEqual([".gitattributes", "config.json", "model.bin"]);
  const blob = await client.downloadFile("ada/dropped", "model.bin");
  expect(digest(await bytesOf(blob))).toBe(digest(content));
  expect(client.cacheDir).toBeUndefined();
  await expect(client.snapshot("ada/dropped")).rejects.toThrow(browser.UnsupportedPlatformError);
  await expect(client.downloadToCache("ada/dropped", "a")).rejects.toThrow(
    browser.UnsupportedPlatformError,
  );
  await expect(client.uploadFolder("ada/dropped", "folder")).rejects.toThrow(
    browser.UnsupportedPlatformError,
  );
});
