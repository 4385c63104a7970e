import type { JSX } from "hono/jsx/jsx-runtime";
import type { RepoSummary } from "../../services/services.ts";
import { repoPath } from "../repo-url.ts";
import { Icon } from "./icon.tsx";
import { Snippet } from "./snippet.tsx";
import { usageOf } from "./usage-code.ts";

/** "Use this model": the same thing in each language, one open at a time. */
export function UsageSnippets(props: {
  readonly summary: RepoSummary;
  readonly publicUrl: string;
}): JSX.Element {
  const { summary, publicUrl } = props;
  const remote = publicUrl + repoPath(summary);
  const usages = usageOf(summary, { publicUrl, remote });
  return (
    <section class="aside-box usage">
      <h2>
        <Icon name="code" /> Use this {summary.type}
      </h2>
      {usages.map((usage, index) => (
        <details name="usage" open={index === 0}>
          <summary>
            {usage.title} <Icon name="down" class="chevron" />
          </summary>
          <Snippet id={`usage-${index}`} language={usage.language} code={usage.code} />
        </details>
      ))}
    </section>
  );
}
