import { isObject } from "@bearhug/core";
import type { JSX } from "hono/jsx/jsx-runtime";
import type { OpenRepo, RepoSummary } from "../../services/services.ts";
import { formatBytes, formatCount } from "../format.ts";
import type { Heading } from "../markdown/render.ts";
import { viewPath } from "../repo-url.ts";
import type { Shell } from "../web-context.ts";
import { evaluationsOf } from "./evaluations.ts";
import { Icon } from "./icon.tsx";
import { Ago } from "./repo-list.tsx";
import { UsageSnippets } from "./usage.tsx";
import { Widget } from "./widget.tsx";
import type { WidgetData } from "./widget-data.ts";

/** Beside the card: numbers, the widget, and how to use the repository. */
export function CardAside(props: {
  readonly repo: OpenRepo;
  readonly shell: Shell;
  readonly widget: WidgetData | undefined;
  readonly headings: readonly Heading[];
  readonly hasTokenizer: boolean;
}): JSX.Element {
  const { repo, shell } = props;
  return (
    <aside class="card-aside" aria-label={`About ${repo.summary.name}`}>
      <Numbers summary={repo.summary} now={shell.now} />
      <Weights summary={repo.summary} />
      {props.widget ? <Widget widget={props.widget} /> : null}
      {props.hasTokenizer ? <TokenizerLink summary={repo.summary} /> : null}
      <UsageSnippets summary={repo.summary} publicUrl={shell.publicUrl} />
      <Evaluations summary={repo.summary} />
      <Contents headings={props.headings} />
      {repo.canWrite ? (
        <p>
          <a
            class="button quiet wide"
            href={viewPath(repo.summary, "upload", { revision: "main" })}
          >
            <Icon name="upload" /> Upload files
          </a>
        </p>
      ) : null}
    </aside>
  );
}

function Numbers({
  summary,
  now,
}: {
  readonly summary: RepoSummary;
  readonly now: Date;
}): JSX.Element {
  return (
    <dl class="numbers">
      <div>
        <dt>Downloads</dt>
        <dd title={summary.downloads.toLocaleString("en")}>{formatCount(summary.downloads)}</dd>
      </div>
      <div>
        <dt>Size</dt>
        <dd>{formatBytes(summary.usedStorage)}</dd>
      </div>
      <div>
        <dt>Updated</dt>
        <dd>
          <Ago date={summary.lastModified} now={now} />
        </dd>
      </div>
    </dl>
  );
}

function Weights({ summary }: { readonly summary: RepoSummary }): JSX.Element | null {
  const { safetensors, config } = summary;
  if (safetensors === undefined) return null;
  const modelType =
    isObject(config) && typeof config["model_type"] === "string" ? config["model_type"] : undefined;
  return (
    <section class="aside-box weights">
      <h2>
        <Icon name="params" /> Safetensors
      </h2>
      <p class="facts">
        <span>
          <strong>{formatCount(safetensors.total)}</strong> params
        </span>
        {Object.keys(safetensors.parameters).map((dtype) => (
          <span class="chip plain">{dtype}</span>
        ))}
        {modelType ? <span class="chip plain">{modelType}</span> : null}
      </p>
    </section>
  );
}

function TokenizerLink({ summary }: { readonly summary: RepoSummary }): JSX.Element {
  return (
    <p>
      <a class="button quiet wide" href={viewPath(summary, "tokenizer")}>
        <Icon name="token" /> Try the tokenizer
      </a>
    </p>
  );
}

function Evaluations({ summary }: { readonly summary: RepoSummary }): JSX.Element | null {
  const evaluations = evaluationsOf(summary.cardData);
  if (evaluations.length === 0) return null;
  return (
    <section class="aside-box">
      <h2>
        <Icon name="check" /> Evaluation
      </h2>
      <table class="evaluations">
        <tbody>
          {evaluations.slice(0, 12).map((evaluation) => (
            <tr>
              <th scope="row">
                {evaluation.metric}
                <span class="muted"> {evaluation.dataset}</span>
              </th>
              <td>{evaluation.value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Contents({ headings }: { readonly headings: readonly Heading[] }): JSX.Element | null {
  const shown = headings
    .filter((heading) => heading.level <= 3 && heading.text !== "")
    .slice(0, 24);
  if (shown.length < 3) return null;
  return (
    <nav class="aside-box contents" aria-labelledby="contents">
      <h2 id="contents">On this page</h2>
      <ul>
        {shown.map((heading) => (
          <li class={`level-${heading.level}`}>
            <a href={`#${heading.id}`}>{heading.text}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
