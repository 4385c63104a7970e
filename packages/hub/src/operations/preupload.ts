import {
  optional,
  parseArray,
  parseBoolean,
  parseObject,
  parseOneOf,
  parseString,
  type RunOptions,
  toBase64,
} from "@bearhug/core";
import type { Connection } from "../connection.ts";
import type { PreuploadRequestJson } from "../protocol/commit.ts";
import { type Repo, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";

/** What the Hub wants done with a file. */
export interface Preuploaded {
  /** Inside the commit, or stored beforehand. */
  readonly mode: "regular" | "lfs";
  /** A `.gitignore` says so. */
  readonly shouldIgnore: boolean;
  /** What is at that path now: sha256 of a large file, Git's blob id of another. */
  readonly oid: string | undefined;
}

const BATCH = 256;
const SAMPLE_BYTES = 512;

/** Asks the Hub how each file is to travel. */
export async function preupload(
  connection: Connection,
  {
    repo,
    files,
    gitIgnore,
    createPullRequest,
  }: {
    readonly repo: Repo;
    readonly files: readonly { readonly path: string; readonly content: Blob }[];
    /** Text of a `.gitignore` that comes with the upload. */
    readonly gitIgnore?: string | undefined;
    readonly createPullRequest?: boolean | undefined;
  },
  { signal }: RunOptions = {},
): Promise<ReadonlyMap<string, Preuploaded>> {
  const found = new Map<string, Preuploaded>();
  for (let at = 0; at < files.length; at += BATCH) {
    signal?.throwIfAborted();
    const json: PreuploadRequestJson = {
      files: await Promise.all(files.slice(at, at + BATCH).map(describe)),
      ...(gitIgnore === undefined ? {} : { gitIgnore }),
    };
    const reply = await requestJson(connection, {
      path: `${repoApiPath(repo)}/preupload/${encodeURIComponent(repo.revision ?? "main")}`,
      method: "POST",
      action: `upload to "${repoPath(repo)}"`,
      query: { create_pr: createPullRequest ? 1 : undefined },
      json,
      repo,
      retry: true,
      signal,
    });
    const items = parseArray(parseObject(reply, "reply")["files"], "files");
    items.forEach((item, index) => {
      const file = parseObject(item, `files[${index}]`);
      found.set(parseString(file["path"], `files[${index}].path`), parsePreuploaded(file, index));
    });
  }
  return found;
}

async function describe(file: {
  readonly path: string;
  readonly content: Blob;
}): Promise<PreuploadRequestJson["files"][number]> {
  const sample = await file.content.slice(0, SAMPLE_BYTES).arrayBuffer();
  return { path: file.path, size: file.content.size, sample: toBase64(new Uint8Array(sample)) };
}

function parsePreuploaded(file: Readonly<Record<string, unknown>>, index: number): Preuploaded {
  const at = `files[${index}]`;
  return {
    mode: parseOneOf(file["uploadMode"], `${at}.uploadMode`, ["regular", "lfs"]),
    shouldIgnore: optional(file["shouldIgnore"], `${at}.shouldIgnore`, parseBoolean) ?? false,
    oid: optional(file["oid"], `${at}.oid`, parseString),
  };
}
