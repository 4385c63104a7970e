import type { JSX } from "hono/jsx/jsx-runtime";
import { kindOfTag, tagLabel } from "../../services/facets.ts";
import type { RepoSummary } from "../../services/services.ts";
import { taskIcon } from "../tasks.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icon-shapes.ts";

const SHOWN = 10;

const PREFIX_ICONS: Readonly<Record<string, IconName>> = {
  license: "scale",
  dataset: "dataset",
  language: "globe",
  arxiv: "book",
  base_model: "model",
  task_categories: "spark",
  size_categories: "params",
  format: "file",
  library: "code",
};

const QUIET =
  /^(?:region:|endpoints_compatible$|model-index$|autotrain_compatible$|deploy:|base_model:\w+:)/;

/** A repository's tags, the telling ones first; each leads to the others that have it. */
export function TagRow(row: {
  readonly repo: RepoSummary;
  /** On pages where tags are not the point: small screens leave them out. */
  readonly isAside?: boolean;
}): JSX.Element | null {
  const { repo } = row;
  const tags = orderedTags(repo);
  if (tags.length === 0) return null;
  const rest = tags.slice(SHOWN);
  return (
    <div class={row.isAside ? "tag-row aside" : "tag-row"}>
      {tags.slice(0, SHOWN).map((tag) => (
        <Tag tag={tag} repo={repo} />
      ))}
      {rest.length > 0 ? (
        <details class="tag-more">
          <summary class="chip">{rest.length} more</summary>
          {rest.map((tag) => (
            <Tag tag={tag} repo={repo} />
          ))}
        </details>
      ) : null}
    </div>
  );
}

function orderedTags(repo: RepoSummary): readonly string[] {
  const leading = [repo.pipelineTag, repo.libraryName].filter((tag) => tag !== undefined);
  const others = repo.tags.filter((tag) => !QUIET.test(tag)).sort((a, b) => rank(a) - rank(b));
  return [...new Set([...leading, ...others])];
}

/** What one looks for first stands first; a model may name dozens of datasets. */
function rank(tag: string): number {
  return RANKS.indexOf(kindOfTag(tag));
}

const RANKS = ["tasks", "licenses", "languages", "libraries", "other", "datasets"];

function Tag({ tag, repo }: { readonly tag: string; readonly repo: RepoSummary }): JSX.Element {
  const icon = tagIcon(tag);
  return (
    <a class={tag === repo.pipelineTag ? "chip strong" : "chip"} href={tagUrl(tag, repo)}>
      {icon ? <Icon name={icon} /> : null}
      {prefixOf(tag) === undefined ? null : (
        <span class="chip-kind">{prefixOf(tag)?.replace(/_/g, " ")}</span>
      )}
      <span class="chip-text">{shortTagLabel(tag)}</span>
    </a>
  );
}

/** As people say it: `MIT` for `license:mit`, a task's, library's or language's name for its id. */
export function shortTagLabel(tag: string): string {
  const prefix = prefixOf(tag);
  if (prefix === undefined || kindOfTag(tag) !== "other") return tagLabel(tag);
  return tag.slice(prefix.length + 1);
}

/** `size categories: 1K<n<10K` where the value alone says too little. */
export function longTagLabel(tag: string): string {
  const prefix = prefixOf(tag);
  const label = shortTagLabel(tag);
  return prefix === undefined ? label : `${prefix.replace(/_/g, " ")}: ${label}`;
}

/** Tags that say nothing a reader looks for. */
export function isQuietTag(tag: string): boolean {
  return QUIET.test(tag);
}

function tagUrl(tag: string, repo: RepoSummary): string {
  // Unlike encodeURIComponent() it takes any text, half characters too.
  return `/${repo.type}s?${new URLSearchParams({ filter: tag })}`;
}

function tagIcon(tag: string): IconName | undefined {
  const prefix = prefixOf(tag);
  if (prefix !== undefined) return PREFIX_ICONS[prefix];
  const kind = kindOfTag(tag);
  if (kind === "tasks") return taskIcon(tag);
  return kind === "libraries" ? "code" : kind === "languages" ? "globe" : undefined;
}

function prefixOf(tag: string): string | undefined {
  return /^([a-z_]+):\S/.exec(tag)?.[1];
}
