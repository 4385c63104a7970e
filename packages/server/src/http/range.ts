import { HubError } from "./hub-error.ts";

/** Bytes `start` up to, not including, `end`. */
export interface RequestedRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The single range that a `Range` header asks for; `undefined` means the whole: no header, another unit,
 * several ranges, or text that is no range (a server may ignore all of these). So is the first byte of an empty
 * file: clients begin with it to learn the size, and take a refusal for a missing file.
 *
 * @throws {HubError} 416 when the range begins past the end.
 */
export function parseRange(header: string | undefined, size: number): RequestedRange | undefined {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? "");
  if (!match) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Number(last);
    if (length === 0 || size === 0) throw rangeNotSatisfiable(size);
    return { start: Math.max(0, size - length), end: size };
  }
  const start = Number(first);
  if (size === 0 && start === 0) return undefined;
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) throw rangeNotSatisfiable(size);
  return { start, end };
}

export function rangeNotSatisfiable(size: number): HubError {
  return new HubError(416, "RangeNotSatisfiable", {
    message: `The range begins after the last of ${size} bytes`,
    headers: { "Content-Range": `bytes */${size}` },
  });
}

/** `bytes 0-9/100` */
export function contentRange(range: RequestedRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`;
}
