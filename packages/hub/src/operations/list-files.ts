import {
  optional,
  parseArray,
  parseInteger,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { pages } from "../pagination.ts";
import { MAX_PATHS_INFO } from "../protocol/tree.ts";
import { parseRepoId, type Repo, type RepoId, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";
import { encodePath } from "../transfer/resolve-url.ts";
import { parseDate } from "./repo-info.ts";

/** A file or folder of a revision. */
export interface RepoEntry {
  readonly type: "file" | "directory";
  /** From the root of the repository, no leading slash. */
  readonly path: string;
  /** Bytes of the content; 0 for folders. */
  readonly size: number;
  /** Git's id; for a large file that of its pointer. */
  readonly oid: string;
  /** Set for large files, whose content Git does not hold. */
  readonly lfs?: { readonly sha256: string; readonly size: number } | undefined;
  readonly xetHash?: string | undefined;
  /** With `expand`. */
  readonly lastCommit?:
    | { readonly oid: string; readonly title: string; readonly date: Date }
    | undefined;
}

export interface ListFilesOptions {
  /** Folder to list. Default the root. */
  readonly path?: string | undefined;
  /** With what is in folders below. Default false. */
  readonly recursive?: boolean | undefined;
  /** Adds `lastCommit`. Default false. */
  readonly expand?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Files and folders in path order; asks for further pages as they are wanted. */
export async function* listFiles(
  connection: Connection,
  id: RepoId,
  { path = "", recursive = false, expand = false, signal }: ListFilesOptions = {},
): AsyncGenerator<RepoEntry, void, undefined> {
  const repo = parseRepoId(id);
  const revision = encodeURIComponent(repo.revision ?? "main");
  const folder = path === "" ? "" : `/${encodePath(path)}`;
  const items = pages(connection, {
    path: `${repoApiPath(repo)}/tree/${revision}${folder}`,
    action: `list the files of "${repoPath(repo)}"`,
    query: { recursive, expand },
    repo,
    entry: path || undefined,
    signal,
  });
  for await (const item of items) yield parseEntry(item, "entry");
}

export interface PathsInfoOptions {
  /** Adds `lastCommit`. Default false. */
  readonly expand?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The entries at `paths`; those that do not exist are left out. */
export async function pathsInfo(
  connection: Connection,
  { id, paths }: { readonly id: RepoId; readonly paths: readonly string[] },
  { expand = false, signal }: PathsInfoOptions = {},
): Promise<RepoEntry[]> {
  const repo = parseRepoId(id);
  const found: RepoEntry[] = [];
  for (let at = 0; at < paths.length; at += MAX_PATHS_INFO) {
    const batch = paths.slice(at, at + MAX_PATHS_INFO);
    found.push(...(await pathsInfoBatch(connection, { repo, paths: batch }, { expand, signal })));
  }
  return found;
}

async function pathsInfoBatch(
  connection: Connection,
  { repo, paths }: { readonly repo: Repo; readonly paths: readonly string[] },
  { expand, signal }: PathsInfoOptions,
): Promise<RepoEntry[]> {
  const reply = await requestJson(connection, {
    path: `${repoApiPath(repo)}/paths-info/${encodeURIComponent(repo.revision ?? "main")}`,
    method: "POST",
    action: `look up files in "${repoPath(repo)}"`,
    json: { paths, expand },
    repo,
    signal,
  });
  return parseArray(reply, "reply").map((item, index) => parseEntry(item, `reply[${index}]`));
}

export function parseEntry(value: unknown, path: string): RepoEntry {
  const entry = parseObject(value, path);
  return {
    type: parseOneOf(entry["type"], `${path}.type`, ["file", "directory"]),
    path: parseString(entry["path"], `${path}.path`),
    size: optional(entry["size"], `${path}.size`, parseInteger) ?? 0,
    oid: parseString(entry["oid"], `${path}.oid`),
    lfs: optional(entry["lfs"], `${path}.lfs`, parseLfs),
    xetHash: optional(entry["xetHash"], `${path}.xetHash`, parseString),
    lastCommit: optional(entry["lastCommit"], `${path}.lastCommit`, parseLastCommit),
  };
}

function parseLfs(value: unknown, path: string): NonNullable<RepoEntry["lfs"]> {
  const lfs = parseObject(value, path);
  return {
    sha256: parseString(lfs["oid"], `${path}.oid`),
    size: parseInteger(lfs["size"], `${path}.size`, { min: 0 }),
  };
}

function parseLastCommit(value: unknown, path: string): NonNullable<RepoEntry["lastCommit"]> {
  const commit = parseObject(value, path);
  return {
    oid: parseString(commit["id"], `${path}.id`),
    title: parseString(commit["title"], `${path}.title`),
    date: parseDate(commit["date"], `${path}.date`),
  };
}
