import type { JSX } from "hono/jsx/jsx-runtime";
import { entryNotFound } from "../../http/hub-error.ts";
import type { GitCommit, TreeEntry } from "../../store/repositories/repository-store.ts";
import { Icon } from "../components/icon.tsx";
import { Breadcrumbs, RefMenu } from "../components/path-bar.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { Ago } from "../components/repo-list.tsx";
import { formatBytes, plural } from "../format.ts";
import {
  type FileEntry,
  type LoadedRepo,
  loadRepo,
  type RepoView,
  viewAt,
} from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

/** Folders larger than this are cut; the API lists them whole. */
const MAX_ENTRIES = 1000;

interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly isCut: boolean;
  readonly commits: ReadonlyMap<string, GitCommit>;
  readonly head: GitCommit | undefined;
  readonly xet: ReadonlyMap<string, string>;
}

export async function treePage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address });
  const view = await viewAt(repo, address.rest);
  if (view === undefined) return respond(web, c, emptyPage(repo));
  const listing = await listFolder(web, view);
  if (listing === undefined) {
    const [entry] = await view.git.entries(view.commit, [view.path]);
    if (entry === undefined) throw entryNotFound("There is no such folder at this revision");
    return c.redirect(viewPath(address, "blob", view));
  }
  return respond(web, c, {
    title: `${view.path === "" ? "Files" : view.path} · ${repo.summary.id}`,
    data: {
      id: repo.summary.id,
      commit: view.commit,
      path: view.path,
      entries: listing.entries.map((entry) => entryData(entry, listing)),
    },
    body: (shell) => (
      <RepoFrame repo={repo} tab="files" revision={view.revision}>
        <FileToolbar view={view} />
        <FileTable view={view} listing={listing} shell={shell} />
      </RepoFrame>
    ),
  });
}

async function listFolder(web: WebContext, view: RepoView): Promise<Listing | undefined> {
  const all = await view.git.listTree(view.commit, view.path, { limit: MAX_ENTRIES + 1 });
  if (all === undefined) return undefined;
  const entries = [...all.slice(0, MAX_ENTRIES)].sort(foldersFirst);
  const [commits, [head], xet] = await Promise.all([
    view.git.lastCommits(
      view.commit,
      entries.map((entry) => entry.path),
    ),
    view.git.log(view.commit, { limit: 1, ...(view.path === "" ? {} : { path: view.path }) }),
    web.hub.services.content.xetHashes(
      entries.flatMap((entry) => (entry.type === "file" && entry.lfs ? [entry.lfs.oid] : [])),
    ),
  ]);
  return { entries, isCut: all.length > MAX_ENTRIES, commits, head, xet };
}

function foldersFirst(a: TreeEntry, b: TreeEntry): number {
  if (a.type !== b.type) return a.type === "directory" ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}

function entryData(entry: TreeEntry, listing: Listing): unknown {
  const commit = listing.commits.get(entry.path);
  const xetHash = entry.type === "file" && entry.lfs ? listing.xet.get(entry.lfs.oid) : undefined;
  return {
    ...entry,
    xetHash,
    lastCommit: commit && { id: commit.oid, title: commit.title, date: commit.date.toISOString() },
  };
}

function FileToolbar({ view }: { readonly view: RepoView }): JSX.Element {
  const isBranch = view.refs.some(({ ref }) => ref === `refs/heads/${view.revision}`);
  return (
    <div class="file-toolbar">
      <RefMenu repo={view} view="tree" revision={view.revision} path={view.path} />
      <Breadcrumbs view={view} />
      {view.canWrite && isBranch ? (
        <a class="button upload-link" href={viewPath(view.summary, "upload", view)}>
          <Icon name="upload" /> Upload
        </a>
      ) : null}
    </div>
  );
}

function FileTable(props: {
  readonly view: RepoView;
  readonly listing: Listing;
  readonly shell: Shell;
}): JSX.Element {
  const { view, listing, shell } = props;
  return (
    <div class="file-box">
      <HeadCommit view={view} listing={listing} shell={shell} />
      <table class="files">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Size</th>
            <th scope="col">Last commit</th>
            <th scope="col">Date</th>
          </tr>
        </thead>
        <tbody>
          {view.path === "" ? null : <ParentRow view={view} />}
          {listing.entries.map((entry) => (
            <FileRow entry={entry} view={view} listing={listing} shell={shell} />
          ))}
        </tbody>
      </table>
      {listing.isCut ? (
        <p class="muted small cut">
          Only the first {MAX_ENTRIES} entries are shown; the API lists all of them.
        </p>
      ) : null}
    </div>
  );
}

function HeadCommit(props: {
  readonly view: RepoView;
  readonly listing: Listing;
  readonly shell: Shell;
}): JSX.Element | null {
  const { head, entries } = props.listing;
  if (head === undefined) return null;
  const { summary } = props.view;
  return (
    <div class="head-commit">
      <strong class="head-author">{head.author.name}</strong>
      <a class="head-title" href={viewPath(summary, "commit", { revision: head.oid })}>
        {head.title}
      </a>
      <code class="sha">{head.oid.slice(0, 7)}</code>
      <span class="muted">
        <Ago date={head.date} now={props.shell.now} />
      </span>
      <span class="muted head-count">
        {plural(entries.length, "entry").replace("entrys", "entries")}
      </span>
    </div>
  );
}

function ParentRow({ view }: { readonly view: RepoView }): JSX.Element {
  const path = view.path.split("/").slice(0, -1).join("/");
  return (
    <tr>
      <td class="file-name" colspan={4}>
        <a href={viewPath(view.summary, "tree", { revision: view.revision, path })}>
          <Icon name="folder" /> <span aria-hidden="true">..</span>
          <span class="visually-hidden">Parent folder</span>
        </a>
      </td>
    </tr>
  );
}

function FileRow(props: {
  readonly entry: TreeEntry;
  readonly view: RepoView;
  readonly listing: Listing;
  readonly shell: Shell;
}): JSX.Element {
  const { entry, view, listing, shell } = props;
  const { summary, revision } = view;
  const isFolder = entry.type === "directory";
  const commit = listing.commits.get(entry.path);
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  return (
    <tr>
      <td class="file-name">
        <a href={viewPath(summary, isFolder ? "tree" : "blob", { revision, path: entry.path })}>
          <Icon name={isFolder ? "folder" : "file"} class={isFolder ? "folder" : ""} />{" "}
          <span>{name}</span>
        </a>
      </td>
      <td class="file-size">
        {entry.type === "file" ? <FileSize entry={entry} view={view} xet={listing.xet} /> : null}
      </td>
      <td class="file-commit">
        {commit ? (
          <a href={viewPath(summary, "commit", { revision: commit.oid })}>{commit.title}</a>
        ) : null}
      </td>
      <td class="file-date">{commit ? <Ago date={commit.date} now={shell.now} /> : null}</td>
    </tr>
  );
}

function FileSize(props: {
  readonly entry: FileEntry;
  readonly view: RepoView;
  readonly xet: ReadonlyMap<string, string>;
}): JSX.Element {
  const { entry, view } = props;
  const href = viewPath(view.summary, "resolve", { revision: view.revision, path: entry.path });
  return (
    <>
      {entry.lfs ? <StorageBadge isXet={props.xet.has(entry.lfs.oid)} /> : null}
      <a class="download" href={`${href}?download=true`} download>
        {formatBytes(entry.size)}
        <Icon name="download" label={`Download ${entry.path}`} />
      </a>
    </>
  );
}

export function StorageBadge({ isXet }: { readonly isXet: boolean }): JSX.Element {
  const title = isXet ? "Stored as deduplicated Xet chunks" : "Stored as a Git LFS object";
  return (
    <span class={isXet ? "badge xet" : "badge lfs"} title={title}>
      {isXet ? "Xet" : "LFS"}
    </span>
  );
}

function emptyPage(repo: LoadedRepo): Parameters<typeof respond>[2] {
  return {
    title: `Files · ${repo.summary.id}`,
    data: { id: repo.summary.id, path: "", entries: [] },
    body: () => (
      <RepoFrame repo={repo} tab="files">
        <p class="empty">This repository has no commits yet.</p>
      </RepoFrame>
    ),
  };
}
