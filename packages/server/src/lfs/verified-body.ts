import { createHash } from "node:crypto";
import { HubError } from "../http/hub-error.ts";

/**
 * Passes `body` on, and throws where it turns out not to be the object that was announced: as soon as it is too
 * long, or at its end.
 *
 * @throws {HubError} 422
 */
export async function* verifiedBody(
  body: AsyncIterable<Uint8Array>,
  object: { readonly oid: string; readonly size: number },
): AsyncGenerator<Uint8Array, void> {
  const hash = createHash("sha256");
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > object.size) throw wrongSize(object.size, `more than ${object.size}`);
    hash.update(chunk);
    yield chunk;
  }
  if (received !== object.size) throw wrongSize(object.size, String(received));
  const oid = hash.digest("hex");
  if (oid === object.oid) return;
  throw new HubError(422, "UnprocessableContent", {
    message: `The content has the sha256 ${oid}, not ${object.oid}`,
    hint: "Upload the file again, unchanged since its hash was taken",
  });
}

/** Passes on exactly `size` bytes. @throws {HubError} 422 */
export async function* sizedBody(
  body: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > size) throw wrongSize(size, `more than ${size}`);
    yield chunk;
  }
  if (received !== size) throw wrongSize(size, String(received));
}

function wrongSize(expected: number, got: string): HubError {
  return new HubError(422, "UnprocessableContent", {
    message: `The body must have ${expected} bytes, got ${got}`,
  });
}
