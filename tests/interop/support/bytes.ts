import { createCipheriv, createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** Bytes that look random, do not compress, and are the same for the same seed. */
export function noise(seed: number, length: number): Uint8Array<ArrayBuffer> {
  const key = createHash("sha256").update(`noise ${seed}`).digest();
  const cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  return new Uint8Array(cipher.update(new Uint8Array(length)));
}

export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
