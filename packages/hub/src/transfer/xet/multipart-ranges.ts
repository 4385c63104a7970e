import { XetTransferError } from "./errors.ts";

export interface BodyPart {
  /** Where it starts in the whole. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * The parts of a `multipart/byteranges` body.
 *
 * Source: RFC 9110, section 14.6. Lengths come from each part's Content-Range, so content may hold the boundary.
 *
 * @throws {XetTransferError}
 */
export function splitByteRanges(contentType: string, body: Uint8Array): readonly BodyPart[] {
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)?.slice(1).find(Boolean);
  if (!boundary) throw new XetTransferError(`"${contentType}" names no boundary`);
  const delimiter = new TextEncoder().encode(`--${boundary}`);
  const parts: BodyPart[] = [];
  let at = find(body, delimiter, 0);
  while (at !== -1) {
    const headerStart = at + delimiter.length;
    if (isEnd(body, headerStart)) return parts;
    const headerEnd = find(body, BLANK_LINE, headerStart);
    if (headerEnd === -1) break;
    const header = new TextDecoder().decode(body.subarray(headerStart, headerEnd));
    const [, from, to] = /content-range:\s*bytes\s+(\d+)-(\d+)\//i.exec(header) ?? [];
    const start = Number(from);
    const contentStart = headerEnd + BLANK_LINE.length;
    const contentEnd = contentStart + Number(to) + 1 - start;
    if (!(contentEnd <= body.length)) break;
    parts.push({ start, bytes: body.subarray(contentStart, contentEnd) });
    at = find(body, delimiter, contentEnd);
  }
  throw new XetTransferError("The parts of a multipart answer are cut short");
}

const BLANK_LINE = new TextEncoder().encode("\r\n\r\n");
const DASH = 0x2d;

function isEnd(body: Uint8Array, at: number): boolean {
  return body[at] === DASH && body[at + 1] === DASH;
}

function find(body: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] ?? 0;
  for (let at = body.indexOf(first, from); at !== -1; at = body.indexOf(first, at + 1)) {
    if (wanted.every((byte, index) => body[at + index] === byte)) return at;
  }
  return -1;
}
