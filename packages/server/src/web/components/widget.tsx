import type { JSX } from "hono/jsx/jsx-runtime";
import { taskIcon, taskName } from "../tasks.ts";
import { Icon } from "./icon.tsx";
import type { WidgetData } from "./widget-data.ts";

/** Runs the model on this server. Its script fills the result; without script it says so. */
export function Widget({ widget }: { readonly widget: WidgetData }): JSX.Element {
  const first = widget.examples[0];
  return (
    <section class="aside-box widget" data-widget={JSON.stringify(widget)} aria-labelledby="widget">
      <h2 id="widget">
        <Icon name={taskIcon(widget.task)} /> {taskName(widget.task)}
      </h2>
      <form class="widget-form">
        <Examples widget={widget} />
        <label for="widget-text">
          {widget.task === "sentence-similarity" ? "Source sentence" : "Text"}
        </label>
        <textarea
          id="widget-text"
          name="text"
          rows={3}
          required
          aria-describedby={widget.task === "fill-mask" ? "widget-hint" : undefined}
        >
          {first?.text ?? ""}
        </textarea>
        {widget.task === "fill-mask" ? (
          <p class="hint" id="widget-hint">
            Put <code>{widget.maskToken}</code> where a word is missing.
          </p>
        ) : null}
        {widget.task === "sentence-similarity" ? (
          <Sentences sentences={first?.sentences ?? []} />
        ) : null}
        <div class="widget-actions">
          <button type="submit" class="button">
            <Icon name="play" /> Run
          </button>
          <span class="hint keys">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </span>
        </div>
      </form>
      <noscript>
        <p class="hint">Running the model from this page needs JavaScript.</p>
      </noscript>
      <div class="widget-result" role="status" aria-live="polite" data-result />
      <details class="widget-json" data-json hidden>
        <summary>JSON</summary>
        <pre tabindex={0}>
          <code />
        </pre>
      </details>
    </section>
  );
}

/** Leads to the widget, where that stands below a long card. */
export function WidgetLink({ widget }: { readonly widget: WidgetData }): JSX.Element {
  return (
    <p class="to-widget">
      <a class="button quiet wide" href="#widget">
        <Icon name="play" /> Try it: {taskName(widget.task)}
      </a>
    </p>
  );
}

function Examples({ widget }: { readonly widget: WidgetData }): JSX.Element | null {
  if (widget.examples.length < 2) return null;
  return (
    <label class="select">
      <span class="visually-hidden">Example</span>
      <select data-examples>
        {widget.examples.map((example, index) => (
          <option value={String(index)}>{example.title}</option>
        ))}
      </select>
    </label>
  );
}

function Sentences({ sentences }: { readonly sentences: readonly string[] }): JSX.Element {
  return (
    <fieldset class="sentences" data-sentences>
      <legend>Sentences to compare with</legend>
      {sentences.map((sentence, index) => (
        <input type="text" name="sentence" value={sentence} aria-label={`Sentence ${index + 1}`} />
      ))}
      <button type="button" class="button quiet small" data-add-sentence>
        <Icon name="plus" /> Add a sentence
      </button>
    </fieldset>
  );
}
