import { isObject } from "@bearhug/core";
import { isHash } from "@bearhug/xet";
import { type Context, Hono } from "hono";
import { readJson } from "../http/body.ts";
import type { HubEnv } from "../http/context.ts";
import { parseRange } from "../http/range.ts";
import { json } from "../http/streaming.ts";
import { badRequest, type Cas, casUrl, notFound, requireClaims, requireHead } from "./cas-env.ts";
import type { StoredFile } from "./file-store.ts";
import { fetchInfoV1, type Reconstruction, reconstruct, xorbsV2 } from "./reconstruction.ts";

/** Most files of one batch query. */
const MAX_BATCH = 1000;

export function reconstructionRoutes(cas: Cas): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.get("/v1/reconstructions/:file", async (c) => {
    const { offset, terms, ...rest } = await ranged(cas, c);
    const fetch_info = fetchInfoV1({ offset, terms, ...rest });
    return reply({ offset_into_first_range: offset, terms, fetch_info });
  });
  routes.get("/v2/reconstructions/:file", async (c) => {
    const { offset, terms, ...rest } = await ranged(cas, c);
    const xorbs = xorbsV2({ offset, terms, ...rest });
    return reply({ offset_into_first_range: offset, terms, xorbs });
  });
  routes.get("/v1/reconstructions", async (c) => {
    return batch(cas, c, new URL(c.req.url).searchParams.getAll("file_id"));
  });
  routes.post("/v1/reconstructions", async (c) => {
    const keys = await readJson(c);
    if (!Array.isArray(keys)) throw badRequest("The body must be an array");
    return batch(cas, c, keys.map(hashOfKey));
  });
  routes.get("/v1/files/:file", async (c) => {
    requireHead(c);
    const { size } = await readableFile(cas, c, c.req.param("file"));
    return c.body(null, 200, { "Content-Length": String(size) });
  });
  return routes;
}

/** The addresses inside are signed: nobody else may get them from a cache. */
function reply(value: unknown): Response {
  return json(value, { headers: { "Cache-Control": "private, no-store" } });
}

function hashOfKey(key: unknown): string {
  return isObject(key) ? String(key["hash"]) : String(key);
}

/** @throws {HubError} 404 for a file that the token's repository does not have. */
async function readableFile(cas: Cas, c: Context<HubEnv>, hash: string): Promise<StoredFile> {
  const claims = requireClaims(cas, c, "read");
  if (!isHash(hash)) throw badRequest(`"${hash.slice(0, 80)}" is not a hash`);
  const { files } = cas.storage;
  const file = await files.find(hash);
  if (file && (await files.isIn(claims.repositoryId, file))) return file;
  throw notFound(`There is no file "${hash}" in this repository`);
}

async function ranged(cas: Cas, c: Context<HubEnv>): Promise<Reconstruction> {
  const file = await readableFile(cas, c, c.req.param("file") ?? "");
  const range = parseRange(c.req.header("range"), file.size) ?? { start: 0, end: file.size };
  return reconstruct(cas.storage, { hash: file.hash, range }, addresses(cas, c));
}

function addresses(cas: Cas, c: Context<HubEnv>): Parameters<typeof reconstruct>[2] {
  const base = casUrl(c);
  return (data) => `${base}${cas.signer.dataPath(data)}`;
}

/** Several files, whole; those that are not there are left out. */
async function batch(cas: Cas, c: Context<HubEnv>, hashes: readonly string[]): Promise<Response> {
  const claims = requireClaims(cas, c, "read");
  if (hashes.length > MAX_BATCH) throw badRequest(`Ask for at most ${MAX_BATCH} files at once`);
  const files: Record<string, unknown> = {};
  const fetchInfo: Record<string, unknown[]> = {};
  for (const hash of new Set(hashes)) {
    if (!isHash(hash)) throw badRequest(`"${hash.slice(0, 80)}" is not a hash`);
    const file = await cas.storage.files.find(hash);
    if (!file || !(await cas.storage.files.isIn(claims.repositoryId, file))) continue;
    const range = { start: 0, end: file.size };
    const recipe = await reconstruct(cas.storage, { hash, range }, addresses(cas, c));
    files[hash] = recipe.terms;
    for (const [xorb, ranges] of Object.entries(fetchInfoV1(recipe))) {
      fetchInfo[xorb] = [...(fetchInfo[xorb] ?? []), ...(ranges as unknown[])];
    }
  }
  return reply({ files, fetch_info: fetchInfo });
}
