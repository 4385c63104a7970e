import {
  isObject,
  optional,
  parseInteger,
  parseJson,
  parseObject,
  parseString,
} from "@bearhug/core";
import type { RepoCache } from "./repo-cache.ts";

/** A file of a commit, as far as a download must know it. */
export interface TreeFile {
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly sha256: string | undefined;
  readonly xetHash: string | undefined;
}

const FORMAT_VERSION = 1;

/** The files of a commit, from an earlier listing by this library or by Python's. */
export async function readTree(
  { files, folder }: RepoCache,
  commit: string,
): Promise<readonly TreeFile[] | undefined> {
  const text = await files.readText(`${folder}/trees/${commit}.json`);
  if (text === undefined) return undefined;
  try {
    return parseTree(parseJson(text, "tree"));
  } catch {
    // A broken or newer file is as good as none: the listing is asked for again.
    return undefined;
  }
}

function parseTree(value: unknown): readonly TreeFile[] | undefined {
  if (!isObject(value) || value["format_version"] !== FORMAT_VERSION) return undefined;
  return Object.entries(parseObject(value["files"], "files")).map(([path, item]) => {
    const file = parseObject(item, path);
    return {
      path,
      size: parseInteger(file["size"], `${path}.size`, { min: 0 }),
      oid: parseString(file["blob_id"], `${path}.blob_id`),
      sha256: optional(file["lfs_sha256"], `${path}.lfs_sha256`, parseString),
      xetHash: optional(file["xet_hash"], `${path}.xet_hash`, parseString),
    };
  });
}

export async function writeTree(
  { files, folder }: RepoCache,
  commit: string,
  tree: readonly TreeFile[],
): Promise<void> {
  const sorted = [...tree].sort((a, b) => (a.path < b.path ? -1 : 1));
  const entries = sorted.map(({ path, size, oid, sha256, xetHash }) => [
    path,
    {
      size,
      blob_id: oid,
      ...(sha256 === undefined ? {} : { lfs_sha256: sha256, lfs_size: size }),
      ...(xetHash === undefined ? {} : { xet_hash: xetHash }),
    },
  ]);
  const text = JSON.stringify(
    { format_version: FORMAT_VERSION, files: Object.fromEntries(entries) },
    undefined,
    1,
  );
  await files.writeText(`${folder}/trees/${commit}.json`, text);
}
