import { apiSegment } from "@bearhug/hub/protocol";
import { type Context, Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { entryNotFound } from "../http/hub-error.ts";
import { contentRange, parseRange, type RequestedRange } from "../http/range.ts";
import { streamOf } from "../http/streaming.ts";
import type { FileEntry } from "../services/indexing/repository-files.ts";
import type { OpenRepo } from "../services/services.ts";
import { CAS_PATH } from "../xet/token-routes.ts";
import { CONTENT_TYPES } from "./content-types.ts";
import { countDownload } from "./downloads.ts";
import { parsePageAddress, type RevisionAndPath, splitRevision } from "./repo-request.ts";

const XET_FILE_INFO = "application/vnd.xet-fileinfo+json";

/** Files themselves: `/{id}/resolve/{rev}/{path}`, and `/raw/` for what Git holds (an LFS file's pointer). */
export function resolveRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  const counted = countDownload(context);
  for (const prefix of ["", "/models", "/datasets", "/spaces"]) {
    routes.get(`${prefix}/:owner/:name/resolve/*`, (c) => resolve({ context, c, counted }));
    routes.get(`${prefix}/:owner/:name/raw/*`, (c) => raw(context, c));
  }
  return routes;
}

interface ResolveRequest {
  readonly context: HubContext;
  readonly c: Context<HubEnv>;
  readonly counted: ReturnType<typeof countDownload>;
}

interface FoundFile extends RevisionAndPath {
  readonly repo: OpenRepo;
  readonly entry: FileEntry;
}

async function resolve({ context, c, counted }: ResolveRequest): Promise<Response> {
  const found = await findFile(context, c);
  const { entry, repo } = found;
  const { content } = context.services;
  const xetHash = entry.lfs && (await content.xetHashes([entry.lfs.oid])).get(entry.lfs.oid);
  const headers = {
    ...fileHeaders(c, found),
    ...(entry.lfs && {
      "X-Linked-ETag": `"${entry.lfs.oid}"`,
      "X-Linked-Size": String(entry.size),
    }),
    ...(xetHash && xetHeaders(c, found, xetHash)),
  };
  if (xetHash && c.req.header("accept")?.includes(XET_FILE_INFO)) {
    return xetFileInfo({ c, found, headers, hash: xetHash });
  }
  const reply = fileReply(c, {
    size: entry.size,
    headers,
    body: (range) => content.stream(repo, entry, range),
  });
  if (c.req.method === "GET" && reply.status === 200) counted(c, found);
  return reply;
}

async function raw(context: HubContext, c: Context<HubEnv>): Promise<Response> {
  const found = await findFile(context, c);
  const { entry, repo } = found;
  return fileReply(c, {
    size: entry.lfs?.pointerSize ?? entry.size,
    headers: { ...fileHeaders(c, found), ETag: `"${entry.oid}"` },
    body: (range) => repo.git.streamBlob(entry.oid, range),
  });
}

async function findFile(context: HubContext, c: Context<HubEnv>): Promise<FoundFile> {
  const { name, rest } = parsePageAddress(c);
  const repo = await context.services.repositories.openForContent(c.get("viewer"), name);
  const at = await splitRevision(repo, rest);
  const [entry] = at.path === "" ? [] : await repo.git.entries(at.commit, [at.path]);
  if (entry?.type !== "file") throw entryNotFound(undefined, at.commit);
  return { ...at, repo, entry };
}

function fileHeaders(
  c: Context<HubEnv>,
  { commit, path, revision, entry, repo }: FoundFile,
): Record<string, string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isFixed = revision === commit;
  const scope = repo.summary.private || repo.summary.gated ? "private" : "public";
  return {
    "X-Repo-Commit": commit,
    ETag: `"${entry.lfs?.oid ?? entry.oid}"`,
    "Accept-Ranges": "bytes",
    "Content-Type": contentType(name),
    "Content-Disposition": disposition(name, c.req.query("download") !== undefined),
    "Cache-Control": isFixed ? `${scope}, max-age=31536000, immutable` : "no-cache",
    // Uploaded by anybody: a browser may show it, and run nothing of it.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    // The addresses in Link follow from the last two, unless the server was told its own.
    Vary: "Authorization, Cookie, X-Forwarded-Host, X-Forwarded-Proto",
  };
}

export function contentType(name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return CONTENT_TYPES[ending] ?? "application/octet-stream";
}

function disposition(name: string, download: boolean): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  const kind = download ? "attachment" : "inline";
  return `${kind}; filename*=UTF-8''${encoded}; filename="${plain}";`;
}

interface FileReply {
  readonly size: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: (range?: RequestedRange) => AsyncIterable<Uint8Array>;
}

/** 200, 206, 304 or 416, and no body for HEAD. */
function fileReply(c: Context<HubEnv>, { size, headers, body }: FileReply): Response {
  const isHead = c.req.method === "HEAD";
  if (matchesETag(c.req.header("if-none-match"), headers["ETag"])) {
    return new Response(null, { status: 304, headers });
  }
  const condition = c.req.header("if-range");
  const applies = condition === undefined || condition === headers["ETag"];
  const range = applies && !isHead ? parseRange(c.req.header("range"), size) : undefined;
  const length = range ? range.end - range.start : size;
  const stream = isHead || length === 0 ? null : streamOf(body(range));
  return new Response(stream, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      "Content-Length": String(length),
      ...(range && { "Content-Range": contentRange(range, size) }),
      // The JavaScript client asks for the first byte and reads the size from here alone.
      ...(size === 0 && c.req.header("range") && { "Content-Range": "bytes */0" }),
    },
  });
}

function matchesETag(header: string | undefined, etag: string | undefined): boolean {
  if (!header || !etag) return false;
  const tags = header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

function xetHeaders(
  c: Context<HubEnv>,
  { repo, commit }: FoundFile,
  hash: string,
): Record<string, string> {
  const { auth, reconstruction } = xetAddresses(c, { repo, commit, hash });
  return {
    "X-Xet-Hash": hash,
    Link: `<${auth}>; rel="xet-auth", <${reconstruction}>; rel="xet-reconstruction-info"`,
  };
}

function xetAddresses(
  c: Context<HubEnv>,
  file: { readonly repo: OpenRepo; readonly commit: string; readonly hash: string },
): { readonly auth: string; readonly reconstruction: string } {
  const { type, id } = file.repo.summary;
  const publicUrl = c.get("publicUrl");
  return {
    auth: `${publicUrl}/api/${apiSegment(type)}/${id}/xet-read-token/${file.commit}`,
    reconstruction: `${publicUrl}${CAS_PATH}/v1/reconstructions/${file.hash}`,
  };
}

/** What the JavaScript client asks for before it reads a file through Xet. */
function xetFileInfo(reply: {
  readonly c: Context<HubEnv>;
  readonly found: FoundFile;
  readonly headers: Readonly<Record<string, string>>;
  readonly hash: string;
}): Response {
  const { c, found, headers, hash } = reply;
  const { auth, reconstruction } = xetAddresses(c, { ...found, hash });
  const body = JSON.stringify({
    hash,
    size: found.entry.size,
    etag: headers["ETag"],
    refreshUrl: auth,
    reconstructionUrl: reconstruction,
  });
  return new Response(c.req.method === "HEAD" ? null : body, {
    headers: { ...headers, "Content-Type": XET_FILE_INFO },
  });
}
