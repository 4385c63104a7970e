import type { Child } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { stringify } from "yaml";

/** Keys that have a place of their own on the page. */
const ELSEWHERE = new Set(["widget", "model-index", "dataset_info", "configs"]);

/** Cards of strangers may hold anything, of any length. */
const MAX_ENTRIES = 200;
const MAX_TEXT = 10_000;

/** A card's front matter as a table. */
export function MetadataBox(props: {
  readonly cardData: Readonly<Record<string, unknown>> | undefined;
}): JSX.Element | null {
  const entries = Object.entries(props.cardData ?? {}).filter(
    ([key, value]) => !ELSEWHERE.has(key) && value !== null && value !== "",
  );
  if (entries.length === 0) return null;
  const shown = entries.slice(0, MAX_ENTRIES);
  return (
    <details class="metadata">
      <summary>Metadata</summary>
      <table>
        <tbody>
          {shown.map(([key, value]) => (
            <tr>
              <th scope="row">{key}</th>
              <td>
                <Value value={value} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (Array.isArray(value) && value.every(isScalar)) {
    return (
      <>
        {value.slice(0, MAX_ENTRIES).map((item) => (
          <span class="chip plain">{scalarText(item)}</span>
        ))}
      </>
    );
  }
  if (isScalar(value)) return <>{linkOrText(scalarText(value).slice(0, MAX_TEXT))}</>;
  if (JSON.stringify(value).length > MAX_TEXT) return <>Too long to show here: see its source.</>;
  return <pre>{stringify(value).trimEnd()}</pre>;
}

function linkOrText(text: string): Child {
  return /^https?:\/\/\S+$/.test(text) ? (
    <a href={text} rel="nofollow noopener ugc">
      {text}
    </a>
  ) : (
    text
  );
}

function isScalar(value: unknown): boolean {
  return typeof value !== "object" || value === null || value instanceof Date;
}

function scalarText(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
}
