import type { JSX } from "hono/jsx/jsx-runtime";
import { revisionNotFound } from "../../http/hub-error.ts";
import type { GitCommit } from "../../store/repositories/repository-store.ts";
import { DiffView } from "../components/diff-view.tsx";
import { Icon } from "../components/icon.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { Ago } from "../components/repo-list.tsx";
import { parseDiff } from "../diff.ts";
import { plural } from "../format.ts";
import { type LoadedRepo, loadRepo } from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";
import { commitData } from "./commits.tsx";

const MAX_DIFF_BYTES = 300_000;

export async function commitPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address, forContent: true });
  const asked = address.rest.join("/");
  const oid = await repo.git.resolve(asked);
  const [commit] = oid === undefined ? [] : await repo.git.log(oid, { limit: 1 });
  if (commit === undefined) throw revisionNotFound(asked);
  const diff = await repo.git.diff(commit.oid, MAX_DIFF_BYTES);
  const files = parseDiff(diff);
  return respond(web, c, {
    title: `${commit.title} · ${repo.summary.id}`,
    data: { id: repo.summary.id, commit: commitData(commit), diff },
    body: (shell) => (
      <RepoFrame repo={repo} tab="commits">
        <CommitHead repo={repo} commit={commit} shell={shell} />
        <p class="diff-summary muted">
          {plural(files.length, "file")} changed,{" "}
          <span class="added">+{sum(files.map((file) => file.added))}</span>{" "}
          <span class="removed">−{sum(files.map((file) => file.removed))}</span>
        </p>
        <DiffView files={files} repo={repo.summary} commit={commit.oid} />
        {diff.length >= MAX_DIFF_BYTES ? (
          <p class="empty small">
            This diff was cut off here. Clone the repository to see all of it.
          </p>
        ) : null}
      </RepoFrame>
    ),
  });
}

function CommitHead(props: {
  readonly repo: LoadedRepo;
  readonly commit: GitCommit;
  readonly shell: Shell;
}): JSX.Element {
  const { repo, commit, shell } = props;
  return (
    <header class="commit-head">
      <div>
        <h2>{commit.title}</h2>
        {commit.body.trim() === "" ? null : <pre class="commit-body">{commit.body.trim()}</pre>}
        <p class="muted">
          <strong>{commit.author.name}</strong> committed <Ago date={commit.date} now={shell.now} />
          {commit.parents.map((parent) => (
            <>
              {" · parent "}
              <a class="sha" href={viewPath(repo.summary, "commit", { revision: parent })}>
                {parent.slice(0, 7)}
              </a>
            </>
          ))}
        </p>
      </div>
      <a class="button quiet" href={viewPath(repo.summary, "tree", { revision: commit.oid })}>
        <Icon name="folder" /> Files at <code>{commit.oid.slice(0, 7)}</code>
      </a>
    </header>
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
