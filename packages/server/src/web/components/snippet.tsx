import { raw } from "hono/html";
import type { JSX } from "hono/jsx/jsx-runtime";
import { highlightCode } from "../markdown/highlight.ts";
import { Icon } from "./icon.tsx";

/** Code to copy. The button works with JavaScript; without it the text can be selected as ever. */
export function Snippet(snippet: {
  readonly id: string;
  readonly code: string;
  readonly language?: string;
  readonly title?: string;
  readonly note?: string;
}): JSX.Element {
  return (
    <div class="snippet">
      {snippet.title ? <p class="snippet-title">{snippet.title}</p> : null}
      <div class="snippet-code">
        <pre tabindex={0}>
          <code id={snippet.id}>{raw(highlightCode(snippet.code, snippet.language))}</code>
          {"\n"}
        </pre>
        <CopyButton target={snippet.id} label="Copy this code" />
      </div>
      {snippet.note ? <p class="snippet-note">{snippet.note}</p> : null}
    </div>
  );
}

/** Copies the text of the element with this id. Hidden until the script has started. */
export function CopyButton({
  target,
  label,
}: {
  readonly target: string;
  readonly label: string;
}): JSX.Element {
  return (
    <button type="button" class="icon-button copy" data-copy={target} title={label} hidden>
      <Icon name="copy" label={label} class="copy-idle" />
      <Icon name="check" label="Copied" class="copy-done" />
    </button>
  );
}
