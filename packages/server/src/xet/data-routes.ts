/** Stored bytes of a xorb, by range, at an address that carries its own permission. */
import { type Context, Hono } from "hono";
import type { HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import { streamOf } from "../http/streaming.ts";
import { badRequest, type Cas, notFound } from "./cas-env.ts";
import type { DataAddress } from "./tokens.ts";
import type { XorbStore } from "./xorb-store.ts";

/** Most ranges of one request. */
const MAX_RANGES = 512;

interface Interval {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

export function dataRoutes(cas: Cas): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  routes.get("/data/:xorb", async (c) => {
    const address = cas.signer.checkData(c.req.param("xorb"), new URL(c.req.url).searchParams);
    const ranges = requestedRanges(c, address);
    const index = await cas.storage.xorbs.index(address.xorb);
    if (!index || address.end >= index.serializedBytes) throw notFound("There is no such xorb");
    const data = { xorb: address.xorb, total: index.serializedBytes, ranges };
    const body = ranges.length === 1 ? single(data) : multipart(data);
    const headers = new Headers(body.headers);
    headers.set("Cache-Control", "private, max-age=3600");
    headers.set("ETag", `"${address.xorb}"`);
    headers.set("Accept-Ranges", "bytes");
    if (c.req.method === "HEAD") return new Response(null, { status: 206, headers });
    return new Response(streamOf(body.bytes(cas.storage.xorbs)), { status: 206, headers });
  });
  return routes;
}

/** @throws {HubError} 403 for bytes that the address was not signed for. */
function requestedRanges(c: Context<HubEnv>, address: DataAddress): readonly Interval[] {
  const header = c.req.header("range") ?? "";
  const list = /^bytes=\s*(\d+-\d*(?:\s*,\s*\d+-\d*)*)\s*$/i.exec(header)?.[1];
  if (!list) throw badRequest("Ask for bytes with a Range header such as bytes=0-1023");
  const ranges = list.split(",").map((text) => {
    const [start = "", end = ""] = text.trim().split("-");
    return { start: Number(start), end: end === "" ? address.end : Number(end) };
  });
  if (ranges.length > MAX_RANGES) throw badRequest(`Ask for at most ${MAX_RANGES} ranges at once`);
  for (const { start, end } of ranges) {
    if (start > end) throw badRequest(`Range ${start}-${end} is empty`);
    if (start < address.start || end > address.end) {
      throw new HubError(403, "Forbidden", {
        message: "The address is not signed for these bytes",
      });
    }
  }
  return ranges;
}

interface RangedData {
  readonly xorb: string;
  readonly total: number;
  readonly ranges: readonly Interval[];
}

interface RangedBody {
  readonly headers: Record<string, string>;
  bytes(xorbs: XorbStore): AsyncIterable<Uint8Array>;
}

function single({ xorb, total, ranges }: RangedData): RangedBody {
  const { start, end } = ranges[0] ?? { start: 0, end: -1 };
  return {
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Range": `bytes ${start}-${end}/${total}`,
      "Content-Length": String(end + 1 - start),
    },
    bytes: (xorbs) => xorbs.read(xorb, { start, end: end + 1 }),
  };
}

/** Source: RFC 9110, section 14.6. */
function multipart({ xorb, total, ranges }: RangedData): RangedBody {
  const boundary = `xorb-${xorb}`;
  const encoder = new TextEncoder();
  const heads = ranges.map(({ start, end }) =>
    encoder.encode(
      `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\n` +
        `Content-Range: bytes ${start}-${end}/${total}\r\n\r\n`,
    ),
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  const length = ranges.reduce(
    (sum, { start, end }, index) => sum + (heads[index]?.length ?? 0) + end + 1 - start,
    tail.length,
  );
  return {
    headers: {
      "Content-Type": `multipart/byteranges; boundary=${boundary}`,
      "Content-Length": String(length),
    },
    async *bytes(xorbs) {
      for (const [index, { start, end }] of ranges.entries()) {
        const head = heads[index];
        if (head) yield head;
        yield* xorbs.read(xorb, { start, end: end + 1 });
      }
      yield tail;
    },
  };
}
