import type { JSX } from "hono/jsx/jsx-runtime";
import type { GitCommit } from "../../store/repositories/repository-store.ts";
import { Icon } from "../components/icon.tsx";
import { RefMenu } from "../components/path-bar.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { Ago } from "../components/repo-list.tsx";
import { loadRepo, type RepoView, viewAt } from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const PAGE_SIZE = 50;

export async function commitsPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address });
  const view = await viewAt(repo, address.rest);
  const page = Math.max(0, Math.min(100_000, Math.trunc(Number(c.req.query("p")) || 0)));
  const found = view ? await readLog(view, page) : [];
  const commits = found.slice(0, PAGE_SIZE);
  return respond(web, c, {
    title: `History · ${repo.summary.id}`,
    data: { id: repo.summary.id, commits: commits.map(commitData) },
    body: (shell) => (
      <RepoFrame repo={repo} tab="commits" revision={view?.revision ?? "main"}>
        <div class="file-toolbar">
          {view ? (
            <RefMenu repo={repo} view="commits" revision={view.revision} path={view.path} />
          ) : null}
          <h2 class="toolbar-title">
            History
            {view?.path ? <span class="muted"> of {view.path}</span> : null}
          </h2>
        </div>
        {view ? (
          <Timeline view={view} commits={commits} shell={shell} />
        ) : (
          <p class="empty">No commits yet.</p>
        )}
        {view ? <Pages view={view} page={page} hasMore={found.length > PAGE_SIZE} /> : null}
      </RepoFrame>
    ),
  });
}

function readLog(view: RepoView, page: number): Promise<readonly GitCommit[]> {
  return view.git.log(view.commit, {
    skip: page * PAGE_SIZE,
    limit: PAGE_SIZE + 1,
    ...(view.path === "" ? {} : { path: view.path }),
  });
}

export function commitData(commit: GitCommit): Readonly<Record<string, unknown>> {
  return {
    id: commit.oid,
    parents: commit.parents,
    title: commit.title,
    message: commit.body,
    author: commit.author.name,
    date: commit.date.toISOString(),
  };
}

function Timeline(props: {
  readonly view: RepoView;
  readonly commits: readonly GitCommit[];
  readonly shell: Shell;
}): JSX.Element {
  const { view, commits, shell } = props;
  if (commits.length === 0) return <p class="empty">No commits here.</p>;
  return (
    <>
      {groupByDay(commits).map(([day, ofDay]) => (
        <section class="commit-day">
          <h3>
            <Icon name="commit" /> {day}
          </h3>
          <ul>
            {ofDay.map((commit) => (
              <li>
                <div class="commit-text">
                  <a
                    class="commit-title"
                    href={viewPath(view.summary, "commit", { revision: commit.oid })}
                  >
                    {commit.title}
                  </a>
                  <span class="muted">
                    {commit.author.name} · <Ago date={commit.date} now={shell.now} />
                  </span>
                </div>
                <a
                  class="sha"
                  href={viewPath(view.summary, "tree", { revision: commit.oid })}
                  title="Files at this commit"
                >
                  {commit.oid.slice(0, 7)}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function groupByDay(commits: readonly GitCommit[]): readonly (readonly [string, GitCommit[]])[] {
  const days = new Map<string, GitCommit[]>();
  for (const commit of commits) {
    const day = commit.date.toUTCString().slice(5, 16);
    const known = days.get(day);
    if (known) known.push(commit);
    else days.set(day, [commit]);
  }
  return [...days];
}

function Pages(props: {
  readonly view: RepoView;
  readonly page: number;
  readonly hasMore: boolean;
}): JSX.Element | null {
  const { view, page, hasMore } = props;
  if (page === 0 && !hasMore) return null;
  const base = viewPath(view.summary, "commits", view);
  return (
    <nav class="pagination" aria-label="Pages">
      {page > 0 ? (
        <a class="button quiet" rel="prev" href={`${base}?p=${page - 1}`}>
          <Icon name="left" /> Newer
        </a>
      ) : (
        <span />
      )}
      {hasMore ? (
        <a class="button quiet" rel="next" href={`${base}?p=${page + 1}`}>
          Older <Icon name="right" />
        </a>
      ) : (
        <span />
      )}
    </nav>
  );
}
