import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { CardAside } from "../components/card-aside.tsx";
import { CutNote } from "../components/file-content.tsx";
import { Alert } from "../components/form.tsx";
import { Icon } from "../components/icon.tsx";
import { MetadataBox } from "../components/metadata-box.tsx";
import { RepoFrame } from "../components/repo-frame.tsx";
import { Snippet } from "../components/snippet.tsx";
import { WidgetLink } from "../components/widget.tsx";
import { widgetOf } from "../components/widget-data.ts";
import { type LoadedRepo, loadRepo, type RepoView, readFile, viewAt } from "../loaded-repo.ts";
import { type RenderedFile, renderFile } from "../rendered-file.ts";
import { type RepoAddress, repoPath, viewPath } from "../repo-url.ts";
import { respond } from "../respond.tsx";
import { summaryData } from "../summary-data.ts";
import type { Shell, WebContext, WebRequest } from "../web-context.ts";

const MAX_CARD_BYTES = 2_000_000;

/** A repository's first page: its card, and beside it how to use it. */
export async function repositoryPage(
  web: WebContext,
  c: WebRequest,
  address: RepoAddress,
): Promise<Response> {
  const repo = await loadRepo(web, c, { address });
  const view = await viewAt(repo, []);
  const card = view && (await readCard(web, view));
  const hasTokenizer = view !== undefined && (await hasFile(view, "tokenizer.json"));
  const { summary } = repo;
  const widget = widgetOf(summary, web.hub.services.inference.tasks);
  return respond(web, c, {
    title: summary.id,
    description: summary.description,
    data: { ...summaryData(summary), cardData: summary.cardData, card: card?.source },
    scripts: widget ? ["widget.js"] : [],
    body: (shell) => (
      <RepoFrame repo={repo} tab="card">
        <div class="card-layout">
          <article class="card-main">
            {widget ? <WidgetLink widget={widget} /> : null}
            {card ? (
              <CardText card={card} />
            ) : (
              <NoCard repo={repo} shell={shell} hasCommits={view !== undefined} />
            )}
          </article>
          <CardAside
            repo={repo}
            shell={shell}
            widget={widget}
            hasTokenizer={hasTokenizer}
            headings={card?.headings ?? NO_HEADINGS}
          />
        </div>
      </RepoFrame>
    ),
  });
}

async function hasFile(view: RepoView, path: string): Promise<boolean> {
  const [entry] = await view.git.entries(view.commit, [path]);
  return entry?.type === "file";
}

const NO_HEADINGS: RenderedFile["headings"] = [];

interface ReadCard extends RenderedFile {
  readonly source: string;
}

async function readCard(web: WebContext, view: RepoView): Promise<ReadCard | undefined> {
  const [entry] = await view.git.entries(view.commit, ["README.md"]);
  if (entry?.type !== "file" || entry.size > MAX_CARD_BYTES) return undefined;
  const bytes = await readFile(web, view, { entry, maxBytes: MAX_CARD_BYTES });
  const source = new TextDecoder().decode(bytes);
  return { ...renderFile(web, view, { entry, text: source }), source };
}

function CardText({ card }: { readonly card: RenderedFile }): JSX.Element {
  const { problem, data } = card.card;
  return (
    <>
      {problem ? <Alert tone="error">The metadata of this card is broken: {problem}</Alert> : null}
      <MetadataBox cardData={data} />
      <div class="markdown">{raw(card.html)}</div>
      {card.isCut ? <CutNote /> : null}
    </>
  );
}

function NoCard(props: {
  readonly repo: LoadedRepo;
  readonly shell: Shell;
  readonly hasCommits: boolean;
}): JSX.Element {
  const { repo, shell } = props;
  const { id, type } = repo.summary;
  const noun = type === "dataset" ? "dataset" : "model";
  const typeFlag = type === "dataset" ? " --type dataset" : "";
  return (
    <div class="no-card">
      <h2>{props.hasCommits ? `No ${noun} card yet` : "Nothing here yet"}</h2>
      <p class="muted">
        A README.md tells people what this {noun} is for, how it was made and what to watch out for.
      </p>
      {repo.canWrite ? (
        <>
          <p class="actions">
            <a class="button" href={viewPath(repo.summary, "upload", { revision: "main" })}>
              <Icon name="upload" /> Upload files
            </a>
          </p>
          <h3>Or from the command line</h3>
          <Snippet
            id="empty-bearhug"
            title="Bearhug"
            language="bash"
            code={`export HF_ENDPOINT=${shell.publicUrl}\nbearhug upload ${id} ./folder${typeFlag}`}
          />
          <Snippet
            id="empty-git"
            title="Git"
            language="bash"
            code={`git clone ${shell.publicUrl}${repoPath(repo.summary)}`}
          />
          <h3>A card to start from</h3>
          <Snippet id="empty-card" title="README.md" language="yaml" code={cardTemplate(repo)} />
        </>
      ) : null}
    </div>
  );
}

function cardTemplate({ summary }: LoadedRepo): string {
  const task =
    summary.type === "dataset"
      ? "task_categories:\n  - text-classification"
      : "pipeline_tag: text-classification";
  return `---\nlicense: apache-2.0\nlanguage: en\n${task}\n---\n\n# ${summary.name}\n\nWhat it is, in one sentence.\n`;
}
