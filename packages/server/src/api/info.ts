import type { SiblingJson } from "@bearhug/hub/protocol";
import { booleanParameter, expandParameter } from "../http/query.ts";
import { json } from "../http/streaming.ts";
import type { OpenRepo } from "../services/services.ts";
import { expandNames, keysOf, repoJson } from "./repo-json.ts";
import { type RepoHandler, wholeRevision } from "./repo-request.ts";

/** `GET /api/{T}/{id}` and `GET /api/{T}/{id}/revision/{rev}`. */
export const repoInfo: RepoHandler = async ({ context, viewer, name, query, rest }) => {
  const { repositories } = context.services;
  const repo = await repositories.open(viewer, name);
  const revision = rest.length === 0 ? undefined : wholeRevision(rest);
  const sha =
    revision === undefined ? repo.summary.sha : await repositories.revision(repo, revision);
  const expand = expandParameter(query, expandNames(name.type));
  const keys = expand.length > 0 ? expand : [...keysOf(name.type, "info"), "siblings"];
  const info = repoJson({ ...repo.summary, sha }, keys);
  const siblings =
    keys.includes("siblings") && sha !== undefined
      ? { siblings: await listSiblings(repo, sha, booleanParameter(query, "blobs")) }
      : {};
  return json({ ...info, ...siblings });
};

/** Every file of a commit; with sizes and hashes when `blobs`. */
export async function listSiblings(
  repo: OpenRepo,
  commit: string,
  blobs: boolean,
): Promise<readonly SiblingJson[]> {
  const entries = (await repo.git.listTree(commit, "", { recursive: true })) ?? [];
  return entries.flatMap((entry): SiblingJson[] => {
    if (entry.type !== "file") return [];
    if (!blobs) return [{ rfilename: entry.path }];
    const { lfs } = entry;
    return [
      {
        rfilename: entry.path,
        size: entry.size,
        blobId: entry.oid,
        ...(lfs && { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } }),
      },
    ];
  });
}

/** `GET /api/{T}/{id}/auth-check[/write]`: 200, or the usual refusal. */
export const authCheck: RepoHandler = async ({ context, viewer, name, rest }) => {
  const { repositories } = context.services;
  if (rest[0] === "write") await repositories.openForWriting(viewer, name);
  else await repositories.openForContent(viewer, name);
  return json({});
};
