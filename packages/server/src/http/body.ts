import type { Context } from "hono";
import type { HubEnv } from "./context.ts";
import { ClientInputError } from "./errors.ts";
import { HubError } from "./hub-error.ts";

/** Most bytes of a JSON or form body. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

function tooLarge(maxBytes: number): HubError {
  return new HubError(413, "PayloadTooLarge", {
    message: `The request's body is larger than ${maxBytes} bytes`,
  });
}

/** The request's body as chunks, refused beyond `maxBytes`. */
export async function* bodyChunks(request: Request, maxBytes: number): AsyncGenerator<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return;
  let received = 0;
  // Node's ReadableStream is an async iterable; the DOM types do not say so everywhere.
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    received += chunk.length;
    if (received > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** The whole body as UTF-8 text. */
export async function readText(
  request: Request,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyChunks(request, maxBytes)) chunks.push(chunk);
  return decodeUtf8(Buffer.concat(chunks), "body");
}

/** The body as JSON, `{}` when there is none. @throws {ClientInputError} */
export async function readJson(c: Context<HubEnv>, maxBytes?: number): Promise<unknown> {
  const text = await readText(c.req.raw, maxBytes);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClientInputError(`The body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Decodes strictly: invalid UTF-8 is an error, not a replacement character. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ClientInputError(`${what} is not valid UTF-8`, { cause });
  }
}

export interface LineLimits {
  /** Of the whole body. */
  readonly maxBytes: number;
  readonly maxLineBytes: number;
}

/** The non-empty lines of a body, one at a time, with their numbers counted from 1. */
export async function* bodyLines(
  request: Request,
  { maxBytes, maxLineBytes }: LineLimits,
): AsyncGenerator<{ readonly number: number; readonly text: string }> {
  let number = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const finish = (rest: Uint8Array): string => {
    const line = Buffer.concat([...held, rest]);
    held = [];
    heldBytes = 0;
    number++;
    return decodeUtf8(line, `Line ${number}`).trim();
  };
  for await (const chunk of bodyChunks(request, maxBytes)) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const text = finish(chunk.subarray(from, at));
      from = at + 1;
      if (text !== "") yield { number, text };
    }
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > maxLineBytes) throw lineTooLong(number + 1, maxLineBytes);
  }
  const last = finish(new Uint8Array());
  if (last !== "") yield { number, text: last };
}

function lineTooLong(line: number, maxLineBytes: number): HubError {
  return new HubError(413, "PayloadTooLarge", {
    message: `Line ${line} is longer than ${maxLineBytes} bytes`,
  });
}
