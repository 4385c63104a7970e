import type { LfsPointer } from "./repository-store.ts";

/** A blob of another size is no pointer: shorter ones lack a key, and the format allows no longer ones. */
export const POINTER_BYTES: { readonly min: number; readonly max: number } = {
  min: 100,
  max: 1024,
};

const VERSIONS = new Set([
  "https://git-lfs.github.com/spec/v1",
  "https://hawser.github.com/spec/v1",
]);

/** Text of the pointer blob that stands for an LFS object. */
export function formatLfsPointer(pointer: { readonly oid: string; readonly size: number }): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${pointer.oid}\nsize ${pointer.size}\n`;
}

/**
 * Reads a pointer blob; `undefined` when `data` is something else.
 *
 * Source: git-lfs `docs/spec.md`.
 */
export function parseLfsPointer(data: Uint8Array): LfsPointer | undefined {
  if (data.length < POINTER_BYTES.min || data.length > POINTER_BYTES.max) return undefined;
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString("utf8");
  if (!text.startsWith("version ")) return undefined;
  const keys = new Map<string, string>();
  for (const line of text.trimEnd().split("\n")) {
    const space = line.indexOf(" ");
    if (space < 1) return undefined;
    keys.set(line.slice(0, space), line.slice(space + 1).trimEnd());
  }
  const oid = /^sha256:([0-9a-f]{64})$/.exec(keys.get("oid") ?? "")?.[1];
  const size = /^\d{1,16}$/.test(keys.get("size") ?? "") ? Number(keys.get("size")) : Number.NaN;
  if (!VERSIONS.has(keys.get("version") ?? "")) return undefined;
  if (oid === undefined || !Number.isSafeInteger(size)) return undefined;
  return { oid, size, pointerSize: data.length };
}
