import type { IncomingMessage } from "node:http";
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

/** Requests that came over a socket, each with Node's own stream of it. */
const incoming = new WeakMap<Request, IncomingMessage>();

/** Notes where a request's body comes from: `bodyOf` then reads it there. */
export function bodyComesFrom(request: Request, message: IncomingMessage): void {
  incoming.set(request, message);
}

/**
 * The body's bytes as they arrive. Read from Node's stream where there is one: a web stream around it copies every
 * piece, and what that leaves behind took a quarter of the processor's time of an upload. Who stops early may still
 * answer the request; the rest is then read and dropped.
 */
export function bodyOf(request: Request): AsyncIterable<Uint8Array> {
  const message = incoming.get(request);
  if (message) return message.iterator({ destroyOnReturn: false });
  // as: Node's web streams are async iterables; the DOM types do not say so everywhere.
  return (request.body ?? nothing()) as unknown as AsyncIterable<Uint8Array>;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The request's body as chunks, refused beyond `maxBytes`. */
export async function* bodyChunks(request: Request, maxBytes: number): AsyncGenerator<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  let received = 0;
  for await (const chunk of bodyOf(request)) {
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
