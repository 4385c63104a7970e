import { optional, parseBoolean, parseObject, parseString } from "@bearhug/core";
import type { CommitJson, RefJson } from "@bearhug/hub/protocol";
import { readJson } from "../http/body.ts";
import { parsing } from "../http/errors.ts";
import { booleanParameter, integerParameter, listParameter, nextLink } from "../http/query.ts";
import { json } from "../http/streaming.ts";
import type { GitCommit } from "../store/repositories/repository-store.ts";
import { avatarUrl } from "./identity.ts";
import { type RepoHandler, wholeRevision } from "./repo-request.ts";

/** `GET /api/{T}/{id}/refs[?include_prs=1]` */
export const listRefs: RepoHandler = async ({ context, viewer, name, query }) => {
  const repo = await context.services.repositories.open(viewer, name);
  const refs = await repo.git.refs();
  const under = (prefix: string, keep: string): RefJson[] =>
    refs
      .filter(({ ref }) => ref.startsWith(prefix))
      .map(({ ref, commit }) => ({ name: ref.slice(keep.length), ref, targetCommit: commit }));
  const pulls = booleanParameter(query, "include_prs");
  return json({
    branches: under("refs/heads/", "refs/heads/"),
    converts: under("refs/convert/", "refs/convert/"),
    tags: under("refs/tags/", "refs/tags/"),
    ...(pulls && { pullRequests: under("refs/pr/", "") }),
  });
};

const COMMITS_PAGE = 50;
const COMMITS_PAGE_MAX = 1000;

/** `GET /api/{T}/{id}/commits/{rev}[?p&limit&expand[]=formatted]`, newest first. */
export const listCommits: RepoHandler = async ({ c, context, viewer, name, query, rest }) => {
  const { repositories } = context.services;
  const repo = await repositories.open(viewer, name);
  const commit = await repositories.revision(repo, wholeRevision(rest));
  const limits = { min: 1, max: COMMITS_PAGE_MAX };
  const limit = integerParameter(query, "limit", limits) ?? COMMITS_PAGE;
  const page = integerParameter(query, "p", { min: 0, max: 1_000_000 }) ?? 0;
  const total = await repo.git.countCommits(commit);
  const commits = await repo.git.log(commit, { skip: page * limit, limit });
  const formatted = listParameter(query, "expand").includes("formatted");
  const publicUrl = c.get("publicUrl");
  const headers: Record<string, string> = { "X-Total-Count": String(total) };
  if ((page + 1) * limit < total) {
    headers["Link"] = nextLink(publicUrl, c.req.url, { p: String(page + 1) });
  }
  return json(
    commits.map((item) => commitJson(item, { publicUrl, formatted })),
    { headers },
  );
};

function commitJson(
  commit: GitCommit,
  { publicUrl, formatted }: { readonly publicUrl: string; readonly formatted: boolean },
): CommitJson {
  const { title, body } = commit;
  const user = commit.author.name;
  return {
    id: commit.oid,
    title,
    message: body,
    date: commit.date.toISOString(),
    authors: [{ user, avatar: avatarUrl(publicUrl, user) }],
    ...(formatted && { formatted: { title: escapeHtml(title), message: escapeHtml(body) } }),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** `POST /api/{T}/{id}/branch/{branch}` */
export const createBranch: RepoHandler = async ({ c, context, viewer, name, rest }) => {
  const body = await readJson(c);
  const request = parsing(() => {
    const value = parseObject(body, "body");
    return {
      startingPoint: optional(value["startingPoint"], "startingPoint", parseString),
      empty: optional(value["emptyBranch"], "emptyBranch", parseBoolean) ?? false,
      overwrite: optional(value["overwrite"], "overwrite", parseBoolean) ?? false,
    };
  });
  const branch = wholeRevision(rest);
  await context.services.repositories.createBranch(viewer, name, { branch, ...request });
  return json({});
};

/** `DELETE /api/{T}/{id}/branch/{branch}` */
export const deleteBranch: RepoHandler = async ({ context, viewer, name, rest }) => {
  await context.services.repositories.deleteBranch(viewer, name, wholeRevision(rest));
  return json({});
};

/** `POST /api/{T}/{id}/tag/{rev}` */
export const createTag: RepoHandler = async ({ c, context, viewer, name, rest }) => {
  const body = await readJson(c);
  const request = parsing(() => {
    const value = parseObject(body, "body");
    return {
      tag: parseString(value["tag"], "tag"),
      message: optional(value["message"], "message", parseString),
    };
  });
  const revision = wholeRevision(rest);
  await context.services.repositories.createTag(viewer, name, { ...request, revision });
  return json({});
};

/** `DELETE /api/{T}/{id}/tag/{tag}` */
export const deleteTag: RepoHandler = async ({ context, viewer, name, rest }) => {
  await context.services.repositories.deleteTag(viewer, name, wholeRevision(rest));
  return json({});
};

/** `POST /api/{T}/{id}/super-squash/{branch}` */
export const superSquash: RepoHandler = async ({ c, context, viewer, name, rest }) => {
  const body = await readJson(c);
  const message = parsing(() =>
    optional(parseObject(body, "body")["message"], "message", parseString),
  );
  const branch = wholeRevision(rest);
  const commit = await context.services.repositories.squash(viewer, name, { branch, message });
  return json({ success: true, commitOid: commit });
};
