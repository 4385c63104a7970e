/** Where the content itself goes in and out, at addresses that the batch call signed. */
import { isObject } from "@bearhug/core";
import type { Context } from "hono";
import { byteStream } from "../git/byte-stream.ts";
import { requestBody } from "../git/request-body.ts";
import { readJson } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { badRequest, HubError, repoNotFound } from "../http/hub-error.ts";
import { contentRange, parseRange } from "../http/range.ts";
import { IncompleteUploadError } from "../store/blobs/errors.ts";
import { linkedObjects, linkObject } from "./repository-objects.ts";
import { type LinkGrant, type LinkUse, openLink } from "./signed-link.ts";
import { sizedBody, verifiedBody } from "./verified-body.ts";

type C = Context<HubEnv>;

/** `PUT …/objects/{oid}`: the whole object. */
export async function putObject(context: HubContext, c: C): Promise<Response> {
  const grant = granted(context, c, "upload");
  refuseWrongLength(c, grant.size);
  const body = verifiedBody(requestBody(c.req.raw), grant);
  if (await isStored(context, grant)) {
    // Another repository has it: this one must show the same bytes, which need not be written again.
    for await (const _ of body);
  } else {
    await context.blobs.write(blobKey(grant), body);
  }
  await link(context, grant);
  return new Response(null, { status: 200, headers: { ETag: `"${grant.oid}"` } });
}

/** `PUT …/objects/{oid}/parts/{n}` */
export async function putPart(context: HubContext, c: C): Promise<Response> {
  const grant = granted(context, c, "parts");
  const { partBytes = 1, size } = grant;
  const part = Number(c.req.param("part"));
  const parts = Math.ceil(size / partBytes);
  if (!Number.isInteger(part) || part < 1 || part > parts) {
    throw badRequest(`The part number must be from 1 to ${parts}`);
  }
  const length = part < parts ? partBytes : size - (parts - 1) * partBytes;
  refuseWrongLength(c, length);
  const body = sizedBody(requestBody(c.req.raw), length);
  const etag = await context.blobs.multipart(uploadId(grant)).writePart(part, body);
  return new Response(null, { status: 200, headers: { ETag: etag } });
}

/** `POST …/objects/{oid}/complete` with `{oid, parts: [{partNumber, etag}]}`: joins the parts and verifies the whole. */
export async function completeParts(context: HubContext, c: C): Promise<Response> {
  const grant = granted(context, c, "parts");
  const parts = Math.ceil(grant.size / (grant.partBytes ?? 1));
  checkParts(await readJson(c), parts);
  if (!(await isOwnAndStored(context, grant))) {
    try {
      await context.blobs.completeMultipart({
        uploadId: uploadId(grant),
        key: blobKey(grant),
        parts,
        inspect: (body) => verifiedBody(body, grant),
      });
    } catch (error) {
      if (error instanceof IncompleteUploadError) throw badRequest(error.message);
      throw error;
    }
    await link(context, grant);
  }
  return c.json({ success: true });
}

function checkParts(body: unknown, parts: number): void {
  const list: unknown = isObject(body) ? body["parts"] : undefined;
  const numbers = Array.isArray(list)
    ? list.map((part: unknown) => (isObject(part) ? part["partNumber"] : undefined))
    : [];
  const given = new Set(numbers);
  for (let part = 1; part <= parts; part++) {
    if (!given.has(part))
      throw badRequest(`parts must list the parts 1 to ${parts}: ${part} is missing`);
  }
  if (numbers.length !== parts) throw badRequest(`parts must list each of the ${parts} parts once`);
}

/** `POST …/objects/{oid}/verify` with `{oid, size}` */
export async function verifyObject(context: HubContext, c: C): Promise<Response> {
  const grant = granted(context, c, "verify");
  const body = await readJson(c);
  if (!isObject(body) || body["oid"] !== grant.oid || body["size"] !== grant.size) {
    throw badRequest("oid and size must be those of the batch request");
  }
  if (await isOwnAndStored(context, grant)) return c.json({});
  throw new HubError(404, "NotFound", { message: `The object ${grant.oid} has not been uploaded` });
}

/** `GET …/objects/{oid}`, wherever the bytes are. */
export async function getObject(context: HubContext, c: C): Promise<Response> {
  const grant = granted(context, c, "download");
  const { repositories, content, accounts } = context.services;
  const account = grant.account === undefined ? undefined : await accounts.find(grant.account);
  // Rights are looked at again: the link does not outlive them.
  const repo = await repositories.openForContent(account, grant.repo);
  // Another repository may have taken the name: it does not have what the link was for.
  if (repo.summary.recordId !== grant.recordId) throw repoNotFound();
  const { oid, size } = grant;
  const range = parseRange(c.req.header("range"), size);
  const headers = {
    "Content-Type": "application/octet-stream",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-transform",
    "Accept-Ranges": "bytes",
    ETag: `"${oid}"`,
    "Content-Length": String(range ? range.end - range.start : size),
    ...(range ? { "Content-Range": contentRange(range, size) } : {}),
  };
  const status = range ? 206 : 200;
  if (c.req.method === "HEAD" || size === 0) return new Response(null, { status, headers });
  const body = content.stream(repo, { oid, size, lfs: { oid } }, range);
  return new Response(byteStream(body), { status, headers });
}

function granted(context: HubContext, c: C, use: LinkUse): LinkGrant {
  const wanted = { use, oid: c.req.param("oid") ?? "", now: context.now() };
  return openLink(context.config.secret, c.req.query("token"), wanted);
}

/** Before anything is read. */
function refuseWrongLength(c: C, size: number): void {
  const length = c.req.header("content-length");
  if (length === undefined || c.req.header("content-encoding") || Number(length) === size) return;
  throw new HubError(422, "UnprocessableContent", {
    message: `The body must have ${size} bytes, got ${length}`,
  });
}

async function isStored(context: HubContext, { oid, size }: LinkGrant): Promise<boolean> {
  return (await context.services.content.statLfs(oid))?.size === size;
}

async function isOwnAndStored(context: HubContext, grant: LinkGrant): Promise<boolean> {
  const linked = await linkedObjects(context.database, grant.recordId, [grant.oid]);
  return linked.has(grant.oid) && isStored(context, grant);
}

/** @throws {HubError} 404 when the repository was deleted meanwhile. */
async function link(context: HubContext, { recordId, oid, size }: LinkGrant): Promise<void> {
  const repository = await context.database
    .selectFrom("repositories")
    .select("id")
    .where("id", "=", recordId)
    .executeTakeFirst();
  if (!repository) throw new HubError(404, "RepoNotFound", { message: "Repository not found" });
  await linkObject(context.database, recordId, { sha256: oid, size });
}

function blobKey({ oid }: LinkGrant): string {
  return `lfs/${oid}`;
}

/** The same for every attempt, so that one that was broken off goes on. */
function uploadId({ recordId, oid, partBytes }: LinkGrant): string {
  return `${recordId}-${oid}-${partBytes ?? 0}`;
}
