import type { JSX } from "hono/jsx/jsx-runtime";
import { CopyButton } from "./snippet.tsx";

/** What the island loads. */
export interface TokenizerFile {
  /** Of the file's bytes, on this server. */
  readonly url: string;
  readonly path: string;
  readonly sizeBytes: number;
}

const EXAMPLE = "Bears hibernate: unbelievable!\nZwölf Bären 🐻 schlafen, 12345 träumen.";

/** Text as tokens, made in the browser. Its script fills it; without script it says so. */
export function TokenizerPlayground({ file }: { readonly file: TokenizerFile }): JSX.Element {
  return (
    <div class="playground" data-tokenizer={JSON.stringify(file)}>
      <form class="widget-form">
        <label for="playground-text">Text</label>
        <textarea id="playground-text" name="text" rows={4} maxlength={200_000} spellcheck={false}>
          {EXAMPLE}
        </textarea>
        <label for="playground-pair">Second text, of a pair (optional)</label>
        <textarea
          id="playground-pair"
          name="pair"
          rows={1}
          maxlength={200_000}
          spellcheck={false}
        />
        <label class="check">
          <input type="checkbox" name="special" checked /> Add special tokens
        </label>
      </form>
      <p class="playground-status" role="status" data-status>
        Tokens are made in your browser, which needs JavaScript.
      </p>
      <progress max={file.sizeBytes} value={0} aria-label="Loading the tokenizer" hidden />
      <Output />
    </div>
  );
}

function Output(): JSX.Element {
  return (
    <div class="playground-output" data-output hidden>
      <dl class="numbers" data-counts />
      <h3 id="playground-tokens">Tokens</h3>
      <div
        class="playground-tokens"
        role="listbox"
        aria-labelledby="playground-tokens"
        data-tokens
      />
      <p class="hint" data-note hidden />
      <div class="playground-detail" data-detail />
      <div class="playground-title">
        <h3>Ids</h3>
        <CopyButton target="playground-ids" label="Copy the ids" />
      </div>
      <pre class="playground-ids" tabindex={0}>
        <code id="playground-ids" />
      </pre>
      <details class="playground-table">
        <summary>Table of tokens</summary>
        <div class="playground-scroll" tabindex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Position</th>
                <th scope="col">Id</th>
                <th scope="col">Token</th>
                <th scope="col">Characters</th>
              </tr>
            </thead>
            <tbody />
          </table>
        </div>
      </details>
    </div>
  );
}
