import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { bodyOf } from "../http/body.ts";
import { HubError } from "../http/hub-error.ts";

/**
 * The request's body, unpacked when it came compressed.
 *
 * @throws {HubError} 415 for another encoding than gzip; while reading, 413 beyond `maxBytes` unpacked and 400 for
 * broken gzip.
 */
export function requestBody(
  request: Request,
  maxBytes: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  const isPacked = encoding === "gzip" || encoding === "x-gzip";
  if (!isPacked && encoding !== "identity") {
    throw new HubError(415, "BadRequest", {
      message: `The content encoding "${encoding.slice(0, 40)}" is not supported`,
      hint: "Send the body as it is, or with gzip",
    });
  }
  const raw = bodyOf(request);
  return limited(isPacked ? gunzipped(raw) : raw, maxBytes);
}

async function* limited(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let received = 0;
  try {
    for await (const chunk of body) {
      received += chunk.length;
      if (received > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (cause) {
    if (!isBrokenOff(cause)) throw cause;
    throw new HubError(400, "BadRequest", { message: "The request was broken off", cause });
  }
}

function tooLarge(maxBytes: number): HubError {
  return new HubError(413, "PayloadTooLarge", {
    message: `The request's body is larger than ${maxBytes} bytes`,
  });
}

/** Whether the client went away before its request was whole. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}

async function* gunzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const source = Readable.from(body);
  const unpacker = createGunzip();
  source.on("error", (error) => unpacker.destroy(error));
  try {
    for await (const chunk of source.pipe(unpacker)) yield chunk;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ""; // as: what zlib throws
    if (!code.startsWith("Z_")) throw cause;
    throw new HubError(400, "BadRequest", { message: "The body is not gzip", cause });
  } finally {
    source.destroy();
  }
}
