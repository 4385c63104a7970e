import type { JSX } from "hono/jsx/jsx-runtime";
import type { RepoSummary } from "../../services/services.ts";
import { formatAgo, formatCount, formatDate } from "../format.ts";
import { repoPath } from "../repo-url.ts";
import { taskIcon, taskName } from "../tasks.ts";
import { Icon } from "./icon.tsx";

/** Repositories as cards, two abreast where there is room. */
export function RepoList(props: {
  readonly repos: readonly RepoSummary[];
  readonly now: Date;
  readonly label: string;
}): JSX.Element {
  return (
    <ul class="repo-list" aria-label={props.label}>
      {props.repos.map((repo) => (
        <li>
          <RepoCard repo={repo} now={props.now} />
        </li>
      ))}
    </ul>
  );
}

function RepoCard({ repo, now }: { readonly repo: RepoSummary; readonly now: Date }): JSX.Element {
  return (
    <a class="repo-card" href={repoPath(repo)}>
      <span class="repo-card-name">
        <Icon name={repo.type === "dataset" ? "dataset" : "model"} />
        <span class="repo-id">
          <span class="repo-owner">{repo.owner}/</span>
          <strong>{repo.name}</strong>
        </span>
        {repo.private ? <PrivateBadge /> : null}
      </span>
      <span class="repo-card-facts">
        <TaskOf repo={repo} />
        <ParamsOf repo={repo} />
        <span class="fact">
          <span class="visually-hidden">Updated </span>
          <Ago date={repo.lastModified} now={now} />
        </span>
        <Fact icon="download" count={repo.downloads} noun="downloads" />
        <Fact icon="heart" count={repo.likes} noun="likes" />
      </span>
    </a>
  );
}

export function PrivateBadge(): JSX.Element {
  return (
    <span class="badge private">
      <Icon name="lock" /> Private
    </span>
  );
}

/** `3 days ago`, with the exact time on hover and for machines. */
export function Ago({ date, now }: { readonly date: Date; readonly now: Date }): JSX.Element {
  return (
    <time datetime={date.toISOString()} title={formatDate(date)}>
      {formatAgo(date, now)}
    </time>
  );
}

function TaskOf({ repo }: { readonly repo: RepoSummary }): JSX.Element | null {
  const category = repo.tags.find((tag) => tag.startsWith(TASK_CATEGORY));
  const task = repo.pipelineTag ?? category?.slice(TASK_CATEGORY.length);
  if (task === undefined) return null;
  return (
    <span class="fact task">
      <Icon name={taskIcon(task)} /> <span>{taskName(task)}</span>
    </span>
  );
}

/** Where a dataset says what it is for. */
const TASK_CATEGORY = "task_categories:";

function ParamsOf({ repo }: { readonly repo: RepoSummary }): JSX.Element | null {
  if (repo.safetensors === undefined) return null;
  return <Fact icon="params" count={repo.safetensors.total} noun="parameters" />;
}

function Fact(fact: {
  readonly icon: "download" | "heart" | "params";
  readonly count: number;
  readonly noun: string;
}): JSX.Element | null {
  if (fact.count === 0) return null;
  return (
    <span class="fact" title={`${fact.count.toLocaleString("en")} ${fact.noun}`}>
      <Icon name={fact.icon} /> {formatCount(fact.count)}
      <span class="visually-hidden"> {fact.noun}</span>
    </span>
  );
}
