import { entryNotFound, revisionNotFound } from "../../http/hub-error.ts";
import { RefMenu } from "../components/path-bar.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { type TokenizerFile, TokenizerPlayground } from "../components/tokenizer-playground.tsx";
import { formatBytes } from "../format.ts";
import { loadRepo, viewAt } from "../loaded-repo.ts";
import { type RepoAddress, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import type { WebContext, WebRequest } from "../web-context.ts";

/** The tokenizer of a model, to try: of its root, or of a folder that the address names. */
export async function tokenizerPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address, forContent: true });
  const view = await viewAt(repo, address.rest);
  if (view === undefined) throw revisionNotFound(address.rest[0] ?? "main");
  const { summary, revision } = { ...view };
  const path = view.path === "" ? "tokenizer.json" : `${view.path}/tokenizer.json`;
  const [entry] = await view.git.entries(view.commit, [path]);
  if (entry?.type !== "file") throw entryNotFound(`There is no ${path} at this revision`);
  const url = viewPath(summary, "resolve", { revision, path });
  const file: TokenizerFile = { url, path, sizeBytes: entry.size };
  return respond(web, c, {
    title: `Tokenizer · ${summary.id}`,
    data: { id: summary.id, revision, commit: view.commit, ...file },
    scripts: ["tokenizer-playground.js"],
    body: () => (
      <RepoFrame repo={repo} tab="tokenizer" revision={revision}>
        <div class="file-toolbar">
          <RefMenu repo={repo} view="tokenizer" revision={revision} path={view.path} />
          <h2 class="toolbar-title">
            <a href={viewPath(summary, "blob", { revision, path })}>{path}</a>{" "}
            <span class="muted">{formatBytes(entry.size)}</span>
          </h2>
        </div>
        <TokenizerPlayground file={file} />
      </RepoFrame>
    ),
  });
}
