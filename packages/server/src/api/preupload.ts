import {
  type PreuploadRequest,
  type PreuploadResultJson,
  parsePreupload,
} from "@bearhug/hub/protocol";
import { readJson } from "../http/body.ts";
import { parsing } from "../http/errors.ts";
import { revisionNotFound } from "../http/hub-error.ts";
import { json } from "../http/streaming.ts";
import type { OpenRepo } from "../services/services.ts";
import { ignoreMatcher, lfsMatcher } from "./git-patterns.ts";
import { refusePullRequest } from "./pull-requests.ts";
import { type RepoHandler, wholeRevision } from "./repo-request.ts";

/** From this size on a file never goes into Git itself, in bytes. */
const LFS_FROM_BYTES = 10 * 1024 * 1024;
const MAX_RULES_BYTES = 1024 * 1024;

/** `POST /api/{T}/{id}/preupload/{rev}`: how each file is to be uploaded, and what is there already. */
export const preupload: RepoHandler = async ({ c, context, viewer, name, query, rest }) => {
  refusePullRequest(query);
  // Before the body is read: a stranger's is not.
  const repo = await context.services.repositories.openForWriting(viewer, name);
  const body = await readJson(c);
  const request = parsing(() => parsePreupload(body));
  const revision = wholeRevision(rest);
  const commit = await repo.git.resolve(revision);
  if (commit === undefined && repo.summary.sha !== undefined) throw revisionNotFound(revision);
  return json(await decide(repo, commit, request));
};

async function decide(
  repo: OpenRepo,
  commit: string | undefined,
  request: PreuploadRequest,
): Promise<PreuploadResultJson> {
  const paths = [".gitattributes", ".gitignore", ...request.files.map((file) => file.path)];
  const entries = commit === undefined ? [] : await repo.git.entries(commit, paths);
  const present = new Map(entries.map((entry) => [entry.path, entry]));
  const rules = async (path: string, sent: string | undefined): Promise<string> => {
    if (sent !== undefined) return sent;
    const entry = present.get(path);
    if (entry?.type !== "file" || entry.lfs || entry.size > MAX_RULES_BYTES) return "";
    return new TextDecoder().decode(await repo.git.readBlob(entry.oid));
  };
  const isLfs = lfsMatcher(await rules(".gitattributes", request.gitAttributes));
  const isIgnored = ignoreMatcher(await rules(".gitignore", request.gitIgnore));
  return {
    files: request.files.map((file) => {
      const entry = present.get(file.path);
      const isLarge = file.size >= LFS_FROM_BYTES || looksBinary(file.sample);
      return {
        path: file.path,
        uploadMode: isLfs(file.path) || isLarge ? "lfs" : "regular",
        shouldIgnore: isIgnored(file.path),
        oid: entry?.type === "file" ? (entry.lfs?.oid ?? entry.oid) : null,
      };
    }),
  };
}

/** A NUL byte, or text that is not UTF-8; a character cut off at the sample's end does not count. */
export function looksBinary(sample: Uint8Array): boolean {
  if (sample.includes(0)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return false;
  } catch {
    return true;
  }
}
