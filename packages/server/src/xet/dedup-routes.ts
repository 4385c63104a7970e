/** "Do you know this chunk?" The answer is a shard of the xorb that holds it and of those that came with it. */
import { isHash, keyedHash, MAX_XORB_CHUNKS, type ShardXorb, serializeShard } from "@bearhug/xet";
import { Hono } from "hono";
import type { HubEnv } from "../http/context.ts";
import { badRequest, type Cas, notFound, requireClaims } from "./cas-env.ts";
import { withXetTables, type XetDatabase } from "./file-store.ts";
import type { XetClaims } from "./tokens.ts";

const PREFIXES: ReadonlySet<string> = new Set(["default", "default-merkledb"]);
/** How many xorbs with the chunk, and how many files with such a xorb, are looked at. */
const MAX_CANDIDATES = 8;
/** Most chunks that one answer describes: 48 bytes each. */
const MAX_ANSWER_CHUNKS = 2 * MAX_XORB_CHUNKS;
/** How long a client may remember the answer, in seconds. */
const ANSWER_LIFE = 24 * 60 * 60;

export function dedupRoutes(cas: Cas): Hono<HubEnv> {
  const tables = withXetTables(cas.storage.database);
  const routes = new Hono<HubEnv>();
  routes.get("/v1/chunks/:prefix/:hash", async (c) => {
    const claims = requireClaims(cas, c, "read");
    const { prefix, hash } = c.req.param();
    if (!PREFIXES.has(prefix)) throw badRequest(`Prefix "${prefix}" is not supported`);
    if (!isHash(hash)) throw badRequest(`"${hash.slice(0, 80)}" is not a hash`);
    const names = await xorbsAround(cas, tables, { claims, chunk: hash });
    if (names.length === 0) throw notFound("The chunk is not known");
    const bytes = await describe(cas, names);
    // What one was told about may be used later, from another repository of one's own too.
    if (claims.access === "write") {
      for (const name of names) await cas.storage.access.grant(claims, name);
    }
    return new Response(bytes, {
      headers: { "Content-Type": "application/octet-stream", "Cache-Control": "private, no-store" },
    });
  });
  return routes;
}

/** The xorb with the chunk first, then the other xorbs of files that use it, as far as the bearer may use them. */
async function xorbsAround(
  cas: Cas,
  tables: XetDatabase,
  { claims, chunk }: { readonly claims: XetClaims; readonly chunk: string },
): Promise<readonly string[]> {
  const holders = await tables
    .selectFrom("xet_chunks")
    .select("xorb_hash")
    .where("chunk_hash", "=", chunk)
    .limit(MAX_CANDIDATES)
    .execute();
  const { access } = cas.storage;
  const usable = await access.usable(
    claims,
    holders.map((row) => row.xorb_hash),
  );
  const [holder] = usable;
  if (!holder) return [];
  const files = await tables
    .selectFrom("xet_file_xorbs")
    .innerJoin("xet_files", "xet_files.file_hash", "xet_file_xorbs.file_hash")
    .select("xet_files.file_hash")
    .where("xet_file_xorbs.xorb_hash", "=", holder)
    .orderBy("xet_files.created_at", "desc")
    .limit(MAX_CANDIDATES)
    .execute();
  const neighbours = await tables
    .selectFrom("xet_file_xorbs")
    .select(["xorb_hash", "position"])
    .where(
      "file_hash",
      "in",
      files.map((row) => row.file_hash),
    )
    .orderBy("position")
    .limit(MAX_CANDIDATES * MAX_CANDIDATES)
    .execute();
  const names = [...new Set([holder, ...neighbours.map((row) => row.xorb_hash)])];
  const allowed = await access.usable(claims, names);
  return names.filter((name) => allowed.has(name));
}

/** Chunk hashes go under a key: whoever has the chunk can recognise it, nobody can learn its hash. */
async function describe(cas: Cas, names: readonly string[]): Promise<Uint8Array<ArrayBuffer>> {
  const key = cas.signer.dailyKey("deduplication");
  const xorbs: ShardXorb[] = [];
  let count = 0;
  for (const name of names) {
    const index = await cas.storage.xorbs.index(name);
    if (!index) continue;
    if (xorbs.length > 0 && count + index.chunkCount > MAX_ANSWER_CHUNKS) break;
    count += index.chunkCount;
    const chunks = Array.from({ length: index.chunkCount }, (_, chunk) => ({
      hash: keyedHash(key, index.hash(chunk)),
      size: index.size(chunk),
    }));
    const { rawBytes, serializedBytes } = index;
    xorbs.push({ hash: name, chunks, rawBytes, serializedBytes });
  }
  const createdAt = Math.floor(cas.now().getTime() / 1000);
  const footer = { key, createdAt, expiresAt: createdAt + ANSWER_LIFE };
  return serializeShard({ files: [], xorbs, footer });
}
