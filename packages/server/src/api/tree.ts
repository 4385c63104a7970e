import { isObject, parseStrings } from "@bearhug/core";
import {
  type LastCommitJson,
  MAX_PATHS_INFO,
  TREE_PAGE_SIZE,
  TREE_PAGE_SIZE_EXPANDED,
  type TreeEntryJson,
} from "@bearhug/hub/protocol";
import { readText } from "../http/body.ts";
import { ClientInputError, parsing } from "../http/errors.ts";
import { entryNotFound, HubError } from "../http/hub-error.ts";
import { booleanParameter, integerParameter, nextLink } from "../http/query.ts";
import { json } from "../http/streaming.ts";
import type { ContentService, OpenRepo } from "../services/services.ts";
import type { GitCommit, TreeEntry } from "../store/repositories/repository-store.ts";
import { type RepoHandler, splitRevision, wholeRevision } from "./repo-request.ts";

/** `GET /api/{T}/{id}/tree/{rev}[/{path}]` */
export const listTree: RepoHandler = async ({ c, context, viewer, name, query, rest }) => {
  const repo = await context.services.repositories.open(viewer, name);
  if (repo.summary.sha === undefined && rest.length <= 1) return json([]);
  const { commit, path } = await splitRevision(repo, rest);
  const expand = booleanParameter(query, "expand");
  const max = expand ? TREE_PAGE_SIZE_EXPANDED : TREE_PAGE_SIZE;
  const limit = integerParameter(query, "limit", { min: 1, max }) ?? max;
  const entries = await repo.git.listTree(commit, path, {
    recursive: booleanParameter(query, "recursive"),
    after: readCursor(query.get("cursor")),
    limit: limit + 1,
  });
  if (!entries) throw entryNotFound(undefined, commit);
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  const items = await describeEntries(context.services.content, repo, {
    commit,
    entries: page,
    expand,
  });
  const headers: Record<string, string> = { "X-Repo-Commit": commit };
  if (entries.length > limit && last) {
    const cursor = Buffer.from(last.path).toString("base64url");
    headers["Link"] = nextLink(c.get("publicUrl"), c.req.url, { cursor });
  }
  return json(items, { headers });
};

function readCursor(cursor: string | null): string | undefined {
  return cursor ? Buffer.from(cursor, "base64url").toString("utf8") : undefined;
}

/** `POST /api/{T}/{id}/paths-info/{rev}` */
export const pathsInfo: RepoHandler = async ({ c, context, viewer, name, rest }) => {
  const repo = await context.services.repositories.open(viewer, name);
  const commit = await context.services.repositories.revision(repo, wholeRevision(rest));
  const { paths, expand } = await readPathsRequest(c.req.raw);
  if (paths.length > MAX_PATHS_INFO) {
    throw new HubError(413, "PayloadTooLarge", {
      message: `At most ${MAX_PATHS_INFO} paths can be asked for at once, got ${paths.length}`,
    });
  }
  const clean = paths.map((path) => path.replace(/^\/+|\/+$/g, "")).filter((path) => path !== "");
  const entries = await repo.git.entries(commit, [...new Set(clean)]);
  const items = await describeEntries(context.services.content, repo, { commit, entries, expand });
  return json(items, { headers: { "X-Repo-Commit": commit } });
};

/** A form from Python, JSON from JavaScript. */
async function readPathsRequest(
  request: Request,
): Promise<{ readonly paths: readonly string[]; readonly expand: boolean }> {
  const text = await readText(request);
  const isJson = /json/i.test(request.headers.get("content-type") ?? "") || /^\s*\{/.test(text);
  if (!isJson) {
    const form = new URLSearchParams(text);
    return {
      paths: [...form.getAll("paths"), ...form.getAll("paths[]")],
      expand: booleanParameter(form, "expand"),
    };
  }
  return parsing(() => {
    const body: unknown = JSON.parse(text);
    if (!isObject(body)) throw new ClientInputError("The body must be an object");
    const { paths, expand } = body;
    return {
      paths: typeof paths === "string" ? [paths] : parseStrings(paths, "paths"),
      expand: expand === true,
    };
  });
}

/** `GET /api/{T}/{id}/treesize/{rev}[/{path}]` */
export const treeSize: RepoHandler = async ({ context, viewer, name, rest }) => {
  const repo = await context.services.repositories.open(viewer, name);
  const { commit, path } = await splitRevision(repo, rest);
  const entries = await repo.git.listTree(commit, path, { recursive: true });
  if (!entries) {
    const [file] = await repo.git.entries(commit, [path]);
    if (file?.type !== "file") throw entryNotFound(undefined, commit);
    return json({ path, size: file.size });
  }
  const size = entries.reduce((sum, entry) => sum + (entry.type === "file" ? entry.size : 0), 0);
  return json({ path, size });
};

async function describeEntries(
  content: ContentService,
  repo: OpenRepo,
  {
    commit,
    entries,
    expand,
  }: { readonly commit: string; readonly entries: readonly TreeEntry[]; readonly expand: boolean },
): Promise<readonly TreeEntryJson[]> {
  const oids = entries.flatMap((entry) =>
    entry.type === "file" && entry.lfs ? [entry.lfs.oid] : [],
  );
  const xetHashes = oids.length > 0 ? await content.xetHashes(oids) : undefined;
  const commits = expand
    ? await repo.git.lastCommits(
        commit,
        entries.map((entry) => entry.path),
      )
    : undefined;
  return entries.map((entry): TreeEntryJson => {
    const last = commits?.get(entry.path);
    const lastCommit = last && { lastCommit: toLastCommit(last) };
    const { oid, path } = entry;
    if (entry.type === "directory") return { type: "directory", oid, size: 0, path, ...lastCommit };
    const { lfs } = entry;
    const xetHash = lfs && xetHashes?.get(lfs.oid);
    return {
      type: "file",
      oid,
      size: entry.size,
      path,
      ...(lfs && { lfs: { oid: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } }),
      ...(xetHash && { xetHash }),
      ...lastCommit,
    };
  });
}

function toLastCommit(commit: GitCommit): LastCommitJson {
  return { id: commit.oid, title: commit.title, date: commit.date.toISOString() };
}
