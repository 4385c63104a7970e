import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HubError } from "../http/hub-error.ts";

/**
 * The request's body, unpacked when it came compressed.
 *
 * @throws {HubError} 413 beyond `maxBytes` unpacked, 415 for another encoding than gzip, 400 for broken gzip.
 */
export async function* requestBody(
  request: Request,
  maxBytes: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void> {
  if (!request.body) return;
  // as: Node's streams are async iterables; the DOM types do not say so.
  const raw = request.body as unknown as AsyncIterable<Uint8Array>;
  let received = 0;
  for await (const chunk of decoded(raw, request.headers.get("content-encoding"))) {
    received += chunk.length;
    if (received > maxBytes) {
      throw new HubError(413, "PayloadTooLarge", {
        message: `The request's body is larger than ${maxBytes} bytes`,
      });
    }
    yield chunk;
  }
}

function decoded(
  body: AsyncIterable<Uint8Array>,
  encoding: string | null,
): AsyncIterable<Uint8Array> {
  if (encoding === null || encoding === "identity") return body;
  if (encoding === "gzip" || encoding === "x-gzip") return gunzipped(body);
  throw new HubError(415, "BadRequest", {
    message: `The content encoding "${encoding.slice(0, 40)}" is not supported`,
    hint: "Send the body as it is, or with gzip",
  });
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
