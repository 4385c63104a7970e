import type { JSX } from "hono/jsx/jsx-runtime";
import { revisionNotFound } from "../../http/hub-error.ts";
import type { GitCommit } from "../../store/repositories/repository-store.ts";
import { FileContent } from "../components/file-content.tsx";
import { Icon } from "../components/icon.tsx";
import { Breadcrumbs, RefMenu } from "../components/path-bar.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { Ago } from "../components/repo-list.tsx";
import { CopyButton } from "../components/snippet.tsx";
import { type FileView, readForView } from "../file-view.ts";
import { formatBytes } from "../format.ts";
import { type FileEntry, fileAt, loadRepo, type RepoView, viewAt } from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";
import { StorageBadge } from "./tree.tsx";

/** One file: text, Markdown, an image, a safetensors header, or what is known of its bytes. */
export async function blobPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address, forContent: true });
  const view = await viewAt(repo, address.rest);
  if (view === undefined) throw revisionNotFound(address.rest[0] ?? "");
  const [node] = await view.git.entries(view.commit, [view.path]);
  if (view.path === "" || node?.type === "directory") {
    return c.redirect(viewPath(address, "tree", view));
  }
  const entry = await fileAt(view);
  const [commit] = await view.git.log(view.commit, { limit: 1, path: view.path });
  const xetHash = entry.lfs
    ? (await web.hub.services.content.xetHashes([entry.lfs.oid])).get(entry.lfs.oid)
    : undefined;
  const asSource = c.req.query("plain") !== undefined;
  const file = await readForView(web, view, { entry, asSource });
  return respond(web, c, {
    title: `${view.path} · ${repo.summary.id}`,
    data: {
      id: repo.summary.id,
      commit: view.commit,
      file: { ...entry, xetHash },
      content: file.type === "text" ? file.text : undefined,
      tensors: file.type === "safetensors" ? file.header.tensors : undefined,
    },
    body: (shell) => (
      <RepoFrame repo={repo} tab="files" revision={view.revision}>
        <div class="file-toolbar">
          <RefMenu repo={repo} view="blob" revision={view.revision} path={view.path} />
          <Breadcrumbs view={view} />
        </div>
        <div class="file-box">
          <LastChange view={view} commit={commit} shell={shell} />
          <FileBar view={view} entry={entry} file={file} isXet={xetHash !== undefined} />
          <FileContent view={view} file={file} />
          <PointerDetails entry={entry} xetHash={xetHash} />
        </div>
      </RepoFrame>
    ),
  });
}

function LastChange(props: {
  readonly view: RepoView;
  readonly commit: GitCommit | undefined;
  readonly shell: Shell;
}): JSX.Element | null {
  const { commit, view } = props;
  if (commit === undefined) return null;
  return (
    <div class="head-commit">
      <strong class="head-author">{commit.author.name}</strong>
      <a class="head-title" href={viewPath(view.summary, "commit", { revision: commit.oid })}>
        {commit.title}
      </a>
      <code class="sha">{commit.oid.slice(0, 7)}</code>
      <span class="muted">
        <Ago date={commit.date} now={props.shell.now} />
      </span>
    </div>
  );
}

function FileBar(props: {
  readonly view: RepoView;
  readonly entry: FileEntry;
  readonly file: FileView;
  readonly isXet: boolean;
}): JSX.Element {
  const { view, entry, file } = props;
  const { revision } = view;
  const path = entry.path;
  const resolve = viewPath(view.summary, "resolve", { revision, path });
  const here = viewPath(view.summary, "blob", { revision, path });
  return (
    <div class="file-bar">
      <span class="file-facts">
        {entry.lfs ? <StorageBadge isXet={props.isXet} /> : null}
        <span>{formatBytes(entry.size)}</span>
        {file.type === "text" ? <span>{file.lines.length.toLocaleString("en")} lines</span> : null}
      </span>
      <span class="file-actions">
        {file.type === "markdown" ? <a href={`${here}?plain=1`}>Source</a> : null}
        {file.type === "text" && file.isMarkdown ? <a href={here}>Rendered</a> : null}
        <a href={viewPath(view.summary, "raw", { revision, path })}>Raw</a>
        <a href={viewPath(view.summary, "commits", { revision, path })}>History</a>
        {file.type === "text" ? <CopyButton target="code" label="Copy this file" /> : null}
        <a class="button quiet small" href={`${resolve}?download=true`} download>
          <Icon name="download" /> Download
        </a>
      </span>
    </div>
  );
}

function PointerDetails(props: {
  readonly entry: FileEntry;
  readonly xetHash: string | undefined;
}): JSX.Element | null {
  const { lfs, size } = props.entry;
  if (lfs === undefined) return null;
  return (
    <dl class="pointer">
      <dt>SHA-256</dt>
      <dd>
        <code>{lfs.oid}</code>
      </dd>
      {props.xetHash ? (
        <>
          <dt>Xet hash</dt>
          <dd>
            <code>{props.xetHash}</code>
          </dd>
        </>
      ) : null}
      <dt>Size</dt>
      <dd>
        {size.toLocaleString("en")} bytes, as a pointer of {lfs.pointerSize} bytes in Git
      </dd>
    </dl>
  );
}
