import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBuiltAssets } from "./built-assets.ts";

const KILOBYTE = 1000;
let folder: string;
let manifest: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-assets-"));
  // Plain JavaScript without types: a build tool, not part of the program.
  const bundler: { bundle(output: string): Promise<Record<string, string>> } = await import(
    new URL("./bundle.mjs", import.meta.url).href
  );
  manifest = await bundler.bundle(join(folder, "assets"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("findBuiltAssets()", () => {
  const open = () => findBuiltAssets(join(folder, "assets/manifest.json"));
  const get = (name: string, headers: Record<string, string> = {}) =>
    open().serve(name, new Request(`http://hub.test/-/assets/${name}`, { headers }));

  it("serves built files for ever, under names with their hash", async () => {
    const name = manifest["style.css"] ?? "";
    expect(name).toMatch(/^style-[0-9a-f]{12}\.css$/);
    expect(open().url("style.css")).toBe(`/-/assets/${name}`);
    const response = await get(name);
    expect(response?.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
    expect(response?.headers.get("Content-Type")).toBe("text/css; charset=utf-8");
    const again = await get(name, { "If-None-Match": response?.headers.get("ETag") ?? "" });
    expect(again?.status).toBe(304);
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip, br;q=0", "gzip"],
    ["identity", null],
  ])("answers Accept-Encoding %s with %s", async (accepted, encoding) => {
    const response = await get(manifest["page.js"] ?? "", { "Accept-Encoding": accepted });
    expect(response?.headers.get("Content-Encoding")).toBe(encoding);
    expect((await response?.arrayBuffer())?.byteLength).toBeGreaterThan(0);
  });

  it("serves nothing that is not in the manifest", async () => {
    for (const name of ["manifest.json", "../manifest.json", "style.css", "../../package.json"]) {
      expect(await get(name)).toBeUndefined();
    }
  });

  it("says that nothing is built when there is no manifest", () => {
    expect(findBuiltAssets(undefined).url("style.css")).toMatch(/^\/-\/assets\/|undefined/);
  });

  it("stays small: styles and the script of every page under 12 kB on the wire", async () => {
    const sizes = await Promise.all(
      ["style.css", "page.js"].map(
        async (name) =>
          gzipSync(await readFile(join(folder, "assets", manifest[name] ?? ""))).length,
      ),
    );
    expect(sizes[0]! + sizes[1]!).toBeLessThan(12 * KILOBYTE);
  });

  it("gives styles no address outside this server", async () => {
    const css = await readFile(join(folder, "assets", manifest["style.css"] ?? ""), "utf8");
    expect(css).not.toMatch(/url\(|@import|https?:/);
  });
});
