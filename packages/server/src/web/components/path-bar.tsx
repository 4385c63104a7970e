import type { JSX } from "hono/jsx/jsx-runtime";
import { DEFAULT_REVISION, type LoadedRepo, type RepoView, shortRef } from "../loaded-repo.ts";
import { viewPath } from "../repo-url.ts";
import { Icon } from "./icon.tsx";
import { CopyButton } from "./snippet.tsx";

/** Branch and tag selector: links, so that it works without script. */
export function RefMenu(props: {
  readonly repo: LoadedRepo;
  readonly view: "tree" | "blob" | "commits" | "upload" | "tokenizer";
  readonly revision: string;
  readonly path?: string;
}): JSX.Element {
  const { repo, revision, view, path } = props;
  const branches = namesOf(repo, "refs/heads/");
  const tags = namesOf(repo, "refs/tags/");
  const isSha = /^[0-9a-f]{7,40}$/.test(revision);
  const link = (name: string): JSX.Element => (
    <a
      href={viewPath(repo.summary, view, { revision: name, path: path ?? "" })}
      aria-current={name === revision ? "true" : undefined}
    >
      {name}
      {name === revision ? <Icon name="check" /> : null}
    </a>
  );
  return (
    <details class="menu refs" data-menu>
      <summary class="button quiet">
        <Icon name={isSha ? "commit" : tags.includes(revision) ? "tag" : "branch"} />
        <span class="ref-name">{isSha ? revision.slice(0, 8) : revision}</span>
        <Icon name="down" />
      </summary>
      <div class="menu-list">
        <p class="menu-title">Branches</p>
        {(branches.length > 0 ? branches : [DEFAULT_REVISION]).map(link)}
        {tags.length > 0 && view !== "upload" ? (
          <>
            <p class="menu-title">Tags</p>
            {tags.map(link)}
          </>
        ) : null}
      </div>
    </details>
  );
}

function namesOf(repo: LoadedRepo, prefix: string): readonly string[] {
  return repo.refs.filter(({ ref }) => ref.startsWith(prefix)).map(({ ref }) => shortRef(ref));
}

/** Where a path lies, every folder a link, and a button that copies it. */
export function Breadcrumbs({ view }: { readonly view: RepoView }): JSX.Element {
  const { summary, revision, path } = view;
  const parts = path === "" ? [] : path.split("/");
  return (
    <nav class="breadcrumbs" aria-label="Path">
      <a href={viewPath(summary, "tree", { revision })}>{summary.name}</a>
      {parts.map((part, index) => {
        const folder = parts.slice(0, index + 1).join("/");
        return (
          <>
            <span class="slash">/</span>
            {index === parts.length - 1 ? (
              <span aria-current="page">{part}</span>
            ) : (
              <a href={viewPath(summary, "tree", { revision, path: folder })}>{part}</a>
            )}
          </>
        );
      })}
      {path === "" ? null : (
        <>
          <span id="file-path" class="visually-hidden">
            {path}
          </span>
          <CopyButton target="file-path" label="Copy the path" />
        </>
      )}
    </nav>
  );
}
