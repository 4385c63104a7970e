import type { RepoType } from "@bearhug/hub/protocol";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Facets, RepoPage } from "../../services/services.ts";
import { ActiveFilters, FacetColumn } from "../components/facets.tsx";
import { Icon, PeekingBear } from "../components/icon.tsx";
import { RepoList } from "../components/repo-list.tsx";
import { plural } from "../format.ts";
import {
  hasFilters,
  type ListQuery,
  listUrl,
  PAGE_SIZE,
  parseListQuery,
  SORTS,
  toRepoQuery,
} from "../list-query.ts";
import { respond } from "../respond.tsx";
import { summaryData } from "../summary-data.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

export async function listPage(web: WebContext, c: WebRequest, type: RepoType): Promise<Response> {
  const query = parseListQuery(type, new URL(c.req.url).searchParams);
  const { search } = web.hub.services;
  const [page, facets] = await Promise.all([
    search.list(c.var.viewer, toRepoQuery(query)),
    search.facets(c.var.viewer, toRepoQuery(query)),
  ]);
  return respond(web, c, {
    title: titleOf(query),
    data: {
      [`${type}s`]: page.repos.map(summaryData),
      total: page.total,
      facets,
      next: page.nextCursor && listUrl(query, { trail: [...query.trail, page.nextCursor] }),
    },
    body: (shell) => <List query={query} page={page} facets={facets} shell={shell} />,
  });
}

function titleOf(query: ListQuery): string {
  const noun = query.type === "dataset" ? "Datasets" : "Models";
  return query.search === "" ? noun : `“${query.search}” in ${noun.toLowerCase()}`;
}

interface ListProps {
  readonly query: ListQuery;
  readonly page: RepoPage;
  readonly facets: Facets;
  readonly shell: Shell;
}

function List({ query, page, facets, shell }: ListProps): JSX.Element {
  const noun = query.type === "dataset" ? "Datasets" : "Models";
  return (
    <div class="list-layout">
      <input type="checkbox" id="show-filters" class="visually-hidden filters-switch" />
      <label for="show-filters" class="button quiet filters-label">
        <Icon name="filter" /> Filters
      </label>
      <aside class="filters" aria-label="Filters">
        <FacetColumn query={query} facets={facets} />
      </aside>
      <section class="results" aria-labelledby="results">
        <div class="results-head">
          <h1 id="results">
            {noun} <span class="count">{page.total.toLocaleString("en")}</span>
          </h1>
          <SearchForm query={query} />
        </div>
        <ActiveFilters query={query} />
        {page.repos.length > 0 ? (
          <RepoList repos={page.repos} now={shell.now} label={noun} />
        ) : (
          <NothingFound query={query} />
        )}
        <Pagination query={query} page={page} />
      </section>
    </div>
  );
}

function SearchForm({ query }: { readonly query: ListQuery }): JSX.Element {
  return (
    <form class="results-form" action={`/${query.type}s`} data-autosubmit>
      {query.author ? <input type="hidden" name="author" value={query.author} /> : null}
      {query.pipelineTag ? (
        <input type="hidden" name="pipeline_tag" value={query.pipelineTag} />
      ) : null}
      {query.filters.map((filter) => (
        <input type="hidden" name="filter" value={filter} />
      ))}
      <div class="input-icon">
        <Icon name="search" />
        <input
          type="search"
          name="search"
          value={query.search}
          placeholder="Filter by name"
          aria-label="Filter by name"
        />
      </div>
      <label class="select">
        <span class="visually-hidden">Sort by</span>
        <select name="sort">
          {Object.entries(SORTS).map(([id, label]) => (
            <option value={id} selected={id === query.sort}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button quiet" data-without-script>
        Apply
      </button>
    </form>
  );
}

function NothingFound({ query }: { readonly query: ListQuery }): JSX.Element {
  const noun = `${query.type}s`;
  return (
    <div class="empty-state">
      <PeekingBear />
      <div class="panel">
        {hasFilters(query) ? (
          <>
            <h2>Nothing matches</h2>
            <p>No {noun} fit all of these filters together.</p>
            <a class="button quiet" href={`/${noun}`}>
              Clear all filters
            </a>
          </>
        ) : (
          <>
            <h2>No {noun} yet</h2>
            <p>Create a repository and push the first one; the home page shows how.</p>
            <a class="button" href={`/new?type=${query.type}`}>
              <Icon name="plus" /> New {query.type}
            </a>
          </>
        )}
      </div>
    </div>
  );
}

function Pagination({ query, page }: Pick<ListProps, "query" | "page">): JSX.Element | null {
  const { trail } = query;
  if (trail.length === 0 && page.nextCursor === undefined) return null;
  const pages = Math.max(1, Math.ceil(page.total / PAGE_SIZE));
  return (
    <nav class="pagination" aria-label="Pages">
      {trail.length > 0 ? (
        <a class="button quiet" rel="prev" href={listUrl(query, { trail: trail.slice(0, -1) })}>
          <Icon name="left" /> Previous
        </a>
      ) : (
        <span />
      )}
      <span class="muted">
        Page {trail.length + 1} of {pages}
        <span class="visually-hidden">, {plural(page.total, query.type)}</span>
      </span>
      {page.nextCursor ? (
        <a
          class="button quiet"
          rel="next"
          href={listUrl(query, { trail: [...trail, page.nextCursor] })}
        >
          Next <Icon name="right" />
        </a>
      ) : (
        <span />
      )}
    </nav>
  );
}
