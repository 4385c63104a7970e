import type { RepoType, TagJson } from "@bearhug/hub/protocol";
import { Hono } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import { asHubError, ClientInputError } from "../http/errors.ts";
import { HubError } from "../http/hub-error.ts";
import {
  booleanParameter,
  expandParameter,
  integerParameter,
  listParameter,
  nextLink,
} from "../http/query.ts";
import { json } from "../http/streaming.ts";
import { type FacetKind, kindOfTag, tagLabel } from "../services/facets.ts";
import type { Facets, RepoQuery, RepoSort, RepoSummary, Viewer } from "../services/services.ts";
import { avatarUrl } from "./identity.ts";
import { listSiblings } from "./info.ts";
import { expandNames, keysOf, repoJson } from "./repo-json.ts";

/** Lists, tags and quick search. */
export function listingRoutes(context: HubContext): Hono<HubEnv> {
  const routes = new Hono<HubEnv>();
  for (const type of ["model", "dataset", "space"] as const) {
    routes.get(`/api/${type}s`, async (c) => {
      const query = new URL(c.req.url).searchParams;
      const page = await context.services.search.list(c.get("viewer"), readQuery(type, query));
      const items = await Promise.all(
        page.repos.map((repo) => listItem(context, c.get("viewer"), { repo, query })),
      );
      const cursor = page.nextCursor;
      const link = cursor && nextLink(c.get("publicUrl"), c.req.url, { cursor });
      return json(items, { headers: link ? { Link: link } : {} });
    });
  }
  for (const type of ["model", "dataset"] as const) {
    routes.get(`/api/${type}s-tags-by-type`, async (c) => {
      const facets = await context.services.search.facets(c.get("viewer"), { type });
      return json(tagsByType(type, facets, c.req.query("type")));
    });
  }
  routes.on(["GET", "POST"], "/api/quicksearch", async (c) =>
    json(
      await quickSearch(context, c.get("viewer"), {
        url: c.req.url,
        publicUrl: c.get("publicUrl"),
      }),
    ),
  );
  return routes;
}

/** Orders as clients name them; some of their names are other spellings of the same. */
const SORTS: Readonly<Record<string, RepoSort>> = {
  lastModified: "lastModified",
  last_modified: "lastModified",
  modified: "lastModified",
  createdAt: "createdAt",
  created_at: "createdAt",
  created: "createdAt",
  downloads: "downloads",
  likes: "likes",
  likes30d: "likes",
  trendingScore: "trendingScore",
  trending_score: "trendingScore",
  trending: "trendingScore",
  id: "id",
};

/** The query of a list; `sort` defaults to what changed last. */
export function readQuery(type: RepoType, query: URLSearchParams): RepoQuery {
  const sort = query.get("sort") || "lastModified";
  const known = SORTS[sort];
  if (!known) {
    throw new ClientInputError(`"sort" must be one of [${Object.keys(SORTS).join(", ")}]`);
  }
  const limit = integerParameter(query, "limit", { min: 1, max: 1000 });
  const gated = query.get("gated");
  return {
    type,
    search: listParameter(query, "search").join(" ") || undefined,
    author: query.get("author") ?? undefined,
    filter: listParameter(query, "filter").flatMap((value) => value.split(",")),
    pipelineTag: query.get("pipeline_tag") ?? undefined,
    gated: gated === null ? undefined : booleanParameter(query, "gated"),
    sort: known,
    cursor: query.get("cursor") ?? undefined,
    ...(limit === undefined ? {} : { limit }),
  };
}

async function listItem(
  context: HubContext,
  viewer: Viewer,
  { repo, query }: { readonly repo: RepoSummary; readonly query: URLSearchParams },
): Promise<unknown> {
  const keys = listKeys(repo.type, query);
  const item = repoJson(repo, keys);
  if (!keys.includes("siblings") || repo.sha === undefined) return item;
  try {
    const open = await context.services.repositories.open(viewer, repo);
    return { ...item, siblings: await listSiblings(open, repo.sha, false) };
  } catch (error) {
    // One that was deleted or renamed meanwhile must not take the whole list with it.
    if (asHubError(error, viewer) instanceof HubError) return item;
    throw error;
  }
}

function listKeys(type: RepoType, query: URLSearchParams): readonly string[] {
  const expand = expandParameter(query, expandNames(type));
  if (expand.length > 0) return expand;
  const full = booleanParameter(query, "full");
  return [
    ...keysOf(type, "list"),
    ...(full ? ["sha", "lastModified", "disabled", "siblings"] : []),
    ...(full && type === "dataset" ? ["cardData"] : []),
    ...(booleanParameter(query, "config") ? ["config"] : []),
    ...(booleanParameter(query, "cardData") ? ["cardData"] : []),
  ];
}

const MODEL_TAG_TYPES: Readonly<Record<FacetKind, string>> = {
  tasks: "pipeline_tag",
  libraries: "library",
  datasets: "dataset",
  languages: "language",
  licenses: "license",
  other: "other",
};

function tagsByType(
  type: "model" | "dataset",
  facets: Facets,
  wanted: string | undefined,
): Readonly<Record<string, readonly TagJson[]>> {
  const groups: Record<string, TagJson[]> =
    type === "model"
      ? { pipeline_tag: [], library: [], dataset: [], language: [], license: [], other: [] }
      : { task_categories: [], language: [], license: [], size_categories: [], other: [] };
  for (const facet of Object.values(facets).flat()) {
    const kind = tagType(type, facet.id);
    groups[kind] ??= [];
    groups[kind].push({ id: facet.id, label: tagLabel(facet.id), type: kind });
  }
  return wanted === undefined ? groups : { [wanted]: groups[wanted] ?? [] };
}

function tagType(type: "model" | "dataset", tag: string): string {
  if (type === "model") {
    return tag.startsWith("arxiv:") ? "arxiv" : MODEL_TAG_TYPES[kindOfTag(tag)];
  }
  const prefix = /^([a-z_]+):/.exec(tag)?.[1];
  return prefix ?? "other";
}

const QUICK_TYPES = ["model", "dataset", "space"] as const;

async function quickSearch(
  context: HubContext,
  viewer: Viewer,
  { url, publicUrl }: { readonly url: string; readonly publicUrl: string },
): Promise<Readonly<Record<string, unknown>>> {
  const query = new URL(url).searchParams;
  const search = query.get("q") ?? "";
  const limit = integerParameter(query, "limit", { min: 1, max: 20 }) ?? 5;
  const wanted = listParameter(query, "type").flatMap((item) => item.split(","));
  const wants = (type: string): boolean => wanted.length === 0 || wanted.includes(type);
  const found: Record<string, unknown> = {};
  for (const type of QUICK_TYPES) {
    const page = wants(type)
      ? await context.services.search.list(viewer, { type, search, limit, sort: "likes" })
      : { repos: [], total: 0 };
    found[`${type}s`] = page.repos.map((repo) => ({ _id: repo.recordId, id: repo.id }));
    found[`${type}sCount`] = page.total;
  }
  const users = wants("user") ? await findUsers(context, search, limit) : [];
  found["users"] = users.map((user) => ({ ...user, avatarUrl: avatarUrl(publicUrl, user.user) }));
  return { q: search, ...found, usersCount: users.length, orgs: [], orgsCount: 0 };
}

async function findUsers(
  context: HubContext,
  search: string,
  limit: number,
): Promise<readonly { readonly user: string; readonly fullname: string }[]> {
  const key = search.trim().toLowerCase();
  if (key === "") return [];
  const rows = await context.database
    .selectFrom("accounts")
    .select(["name", "full_name"])
    .where("name_key", ">=", key)
    .where("name_key", "<", `${key}\uffff`)
    .orderBy("name_key")
    .limit(limit)
    .execute();
  return rows.map((row) => ({ user: row.name, fullname: row.full_name }));
}
