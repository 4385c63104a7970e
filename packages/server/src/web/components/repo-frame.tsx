import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { OpenRepo, RepoSummary } from "../../services/services.ts";
import { formatCount } from "../format.ts";
import { repoPath, viewPath } from "../repo-url.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icon-shapes.ts";
import { Avatar } from "./layout.tsx";
import { PrivateBadge } from "./repo-list.tsx";
import { CopyButton } from "./snippet.tsx";
import { TagRow } from "./tag.tsx";

export type RepoTab = "card" | "files" | "tokenizer" | "commits" | "settings";

/** Name, tags and tabs of a repository, around one of its pages. */
export function RepoFrame(frame: {
  readonly repo: OpenRepo;
  readonly tab: RepoTab;
  /** Keeps the tabs on the branch that is looked at. */
  readonly revision?: string;
  readonly children?: Child;
}): JSX.Element {
  const { summary } = frame.repo;
  return (
    <>
      <header class="repo-head">
        <div class="repo-head-inner">
          <RepoTitle summary={summary} />
          <TagRow repo={summary} isAside={frame.tab !== "card"} />
          <Tabs repo={frame.repo} tab={frame.tab} revision={frame.revision ?? "main"} />
        </div>
      </header>
      <div class="repo-body">{frame.children}</div>
    </>
  );
}

function RepoTitle({ summary }: { readonly summary: RepoSummary }): JSX.Element {
  return (
    <div class="repo-title">
      <a class="repo-kind" href={`/${summary.type}s`}>
        <Icon name={summary.type === "dataset" ? "dataset" : "model"} />
        <span>{summary.type === "dataset" ? "Datasets" : "Models"}</span>
      </a>
      <h1>
        <Avatar name={summary.owner} />
        <a class="repo-owner" href={`/${summary.owner}`}>
          {summary.owner}
        </a>
        <span class="slash">/</span>
        <a href={repoPath(summary)}>{summary.name}</a>
      </h1>
      <span id="repo-id" class="visually-hidden">
        {summary.id}
      </span>
      <CopyButton target="repo-id" label="Copy the name" />
      {summary.private ? <PrivateBadge /> : null}
      {summary.gated === false ? null : <span class="badge">Gated</span>}
      <span class="repo-likes" title={`${summary.likes} likes`}>
        <Icon name="heart" label="Likes" /> {formatCount(summary.likes)}
      </span>
    </div>
  );
}

function Tabs(props: {
  readonly repo: OpenRepo;
  readonly tab: RepoTab;
  readonly revision: string;
}): JSX.Element {
  const { repo, tab, revision } = props;
  const { summary } = repo;
  const tabs: readonly {
    readonly id: RepoTab;
    readonly icon: IconName;
    readonly label: string;
    readonly href: string;
  }[] = [
    {
      id: "card",
      icon: "book",
      label: summary.type === "dataset" ? "Dataset card" : "Model card",
      href: repoPath(summary),
    },
    { id: "files", icon: "folder", label: "Files", href: viewPath(summary, "tree", { revision }) },
    {
      id: "commits",
      icon: "commit",
      label: "History",
      href: viewPath(summary, "commits", { revision }),
    },
    ...(tab === "tokenizer"
      ? [
          {
            id: "tokenizer",
            icon: "token",
            label: "Tokenizer",
            href: viewPath(summary, "tokenizer", { revision }),
          } as const,
        ]
      : []),
    ...(repo.canAdmin
      ? [
          {
            id: "settings",
            icon: "gear",
            label: "Settings",
            href: viewPath(summary, "settings"),
          } as const,
        ]
      : []),
  ];
  return (
    <nav class="tabs" aria-label="Repository">
      {tabs.map(({ id, icon, label, href }) => (
        <a href={href} aria-current={id === tab ? "page" : undefined}>
          <Icon name={icon} /> {label}
        </a>
      ))}
    </nav>
  );
}
