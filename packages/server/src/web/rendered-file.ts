import { type Card, parseCard } from "../services/front-matter.ts";
import type { FileEntry, RepoView } from "./loaded-repo.ts";
import { type RenderedMarkdown, renderMarkdown } from "./markdown/render.ts";
import { repoPath } from "./repo-url.ts";
import type { WebContext } from "./web-context.ts";

export interface RenderedFile extends RenderedMarkdown {
  readonly card: Card;
  /** Characters of source and HTML. */
  readonly weight: number;
}

/** A Markdown file of a repository, its links leading into the same revision. */
export function renderFile(
  web: WebContext,
  view: RepoView,
  file: { readonly entry: FileEntry; readonly text: string },
): RenderedFile {
  const target = {
    base: repoPath(view.summary),
    revision: encodeURIComponent(view.revision),
    folder: file.entry.path.split("/").slice(0, -1).join("/"),
  };
  const key = JSON.stringify([file.entry.oid, target]);
  return web.markdown.get(key, () => {
    const card = parseCard(file.text);
    const rendered = renderMarkdown(card.body, target);
    return { ...rendered, card, weight: file.text.length + rendered.html.length };
  });
}
