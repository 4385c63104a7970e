// Bundles the browser's scripts and styles into dist/web/assets, with content hashes and a manifest.
// Run by tools/build-assets.mjs after the TypeScript build. Plain Node: it must work before anything is compiled.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
// biome-ignore lint/correctness/noUndeclaredDependencies: a build tool of the workspace, no part of the package
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const defaultOutput = join(web, "../../dist/web/assets");

const ENTRIES = {
  "style.css": "assets/style.css",
  "page.js": "islands/page.ts",
  "widget.js": "islands/widget.ts",
  "upload.js": "islands/upload.ts",
  "tokenizer-playground.js": "islands/tokenizer-playground.ts",
};

export async function bundle(output = defaultOutput) {
  const staging = `${output}.new-${process.pid}`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const manifest = {};
  for (const [name, entry] of Object.entries(ENTRIES)) {
    manifest[name] = await write(staging, name, await compile(join(web, entry)));
  }
  const favicon = await readFile(join(web, "assets/favicon.svg"));
  manifest["favicon.svg"] = await write(staging, "favicon.svg", favicon);
  await writeFile(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(output, { recursive: true, force: true });
  await mkdir(dirname(output), { recursive: true });
  await rename(staging, output);
  return manifest;
}

async function compile(entry) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    // Packages from their sources: they need not be compiled yet.
    conditions: ["source"],
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles[0].contents;
}

async function write(directory, name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const dot = name.lastIndexOf(".");
  const file = `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
  await writeFile(join(directory, file), bytes);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
  await writeFile(join(directory, `${file}.br`), brotliCompressSync(bytes, { params }));
  // Browsers take Brotli only over a secure connection.
  await writeFile(join(directory, `${file}.gz`), gzipSync(bytes, { level: 9 }));
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
