/** Finds and serves what `bundle.mjs` built: files with a content hash in their name, and a manifest. */
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isObject } from "@bearhug/core";

export const ASSET_PREFIX = "/-/assets/";

/** Scripts of single pages. */
export type PageScript = "widget.js" | "upload.js" | "tokenizer-playground.js";

export interface BuiltAssets {
  /** `undefined` when nothing is built: pages then say so. */
  url(name: "style.css" | "page.js" | PageScript | "favicon.svg"): string | undefined;
  /** The answer to a request for a built file, `undefined` for a name that is not one. */
  serve(fileName: string, request: Request): Promise<Response | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Beside the compiled file, or, when running from the sources, in the package's `dist`. */
const PLACES = ["./assets/manifest.json", "../../dist/web/assets/manifest.json"];

export function findBuiltAssets(manifestFile: string | undefined = locateManifest()): BuiltAssets {
  const names = readManifest(manifestFile);
  const files = new Set(names.values());
  return {
    url: (name) => {
      const file = names.get(name);
      return file === undefined ? undefined : ASSET_PREFIX + file;
    },
    serve: async (fileName, request) => {
      if (manifestFile === undefined || !files.has(fileName)) return undefined;
      return serveFile(manifestFile.replace(/manifest\.json$/, fileName), request);
    },
  };
}

function locateManifest(): string | undefined {
  return PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync);
}

function readManifest(file: string | undefined): ReadonlyMap<string, string> {
  if (file === undefined) return new Map();
  const manifest: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isObject(manifest)) return new Map();
  return new Map(Object.entries(manifest).map(([name, built]) => [name, String(built)]));
}

async function serveFile(file: string, request: Request): Promise<Response> {
  const extension = file.slice(file.lastIndexOf(".") + 1);
  const etag = `"${file.slice(file.lastIndexOf("/") + 1)}"`;
  const headers = new Headers({
    "Content-Type": TYPES[extension] ?? "application/octet-stream",
    "Cache-Control": "public, max-age=31536000, immutable",
    ETag: etag,
    Vary: "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
  });
  if (request.headers.get("If-None-Match") === etag)
    return new Response(null, { status: 304, headers });
  const encoding = encodingFor(request);
  if (encoding !== undefined) headers.set("Content-Encoding", encoding.name);
  const bytes = await readFile(file + (encoding?.suffix ?? ""));
  headers.set("Content-Length", String(bytes.length));
  return new Response(request.method === "HEAD" ? null : new Uint8Array(bytes), { headers });
}

const ENCODINGS = [
  { name: "br", suffix: ".br", pattern: /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/ },
  { name: "gzip", suffix: ".gz", pattern: /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/ },
] as const;

function encodingFor(request: Request): (typeof ENCODINGS)[number] | undefined {
  const accepted = request.headers.get("Accept-Encoding") ?? "";
  return ENCODINGS.find(({ pattern }) => pattern.test(accepted));
}
