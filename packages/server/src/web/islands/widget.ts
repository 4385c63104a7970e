/** Tries a model: sends what is typed to this server's inference route and draws the answer. */
import type { WidgetData, WidgetExample } from "../components/widget-data.ts";
import { drawResult, drawTime } from "./widget-result.ts";

const root = document.querySelector<HTMLElement>("[data-widget]");
if (root !== null) start(root);

interface Parts {
  readonly widget: WidgetData;
  readonly root: HTMLElement;
  readonly form: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly button: HTMLButtonElement;
  readonly result: HTMLElement;
}

function start(element: HTMLElement): void {
  const form = element.querySelector("form");
  const text = element.querySelector("textarea");
  const button = element.querySelector<HTMLButtonElement>("button[type=submit]");
  const result = element.querySelector<HTMLElement>("[data-result]");
  if (!form || !text || !button || !result) return;
  // The server wrote this attribute from a value of the same type.
  const widget = JSON.parse(element.dataset["widget"] ?? "") as WidgetData;
  const parts: Parts = { widget, root: element, form, text, button, result };
  let running: AbortController | undefined;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    running?.abort();
    running = new AbortController();
    void run(parts, running.signal);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  startExamples(parts);
  startSentences(parts);
}

function startExamples({ widget, root: element, text }: Parts): void {
  element
    .querySelector<HTMLSelectElement>("[data-examples]")
    ?.addEventListener("change", (event) => {
      if (!(event.currentTarget instanceof HTMLSelectElement)) return;
      const example = widget.examples[Number(event.currentTarget.value)];
      if (example === undefined) return;
      text.value = example.text;
      showSentences(element, example);
      text.focus();
    });
}

function startSentences({ root: element }: Parts): void {
  const group = element.querySelector("[data-sentences]");
  group?.querySelector("[data-add-sentence]")?.addEventListener("click", () => {
    addSentence(group, "").focus();
  });
}

function showSentences(element: HTMLElement, example: WidgetExample): void {
  const group = element.querySelector("[data-sentences]");
  if (group === null || example.sentences.length === 0) return;
  for (const input of group.querySelectorAll("input")) input.remove();
  for (const sentence of example.sentences) addSentence(group, sentence);
}

function addSentence(group: Element, value: string): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "text";
  input.name = "sentence";
  input.value = value;
  input.setAttribute("aria-label", `Sentence ${group.querySelectorAll("input").length + 1}`);
  group.insertBefore(input, group.querySelector("[data-add-sentence]"));
  return input;
}

async function run(parts: Parts, signal: AbortSignal): Promise<void> {
  const { widget, result, button } = parts;
  const problem = checkInput(parts);
  if (problem !== undefined) {
    showProblem(result, problem);
    return;
  }
  button.disabled = true;
  const waiting = document.createElement("p");
  waiting.className = "spinner";
  waiting.textContent = "Running the model…";
  result.replaceChildren(waiting);
  const startedAt = performance.now();
  try {
    const answer = await ask(parts, signal);
    result.replaceChildren(...drawResult(widget.task, answer, sentencesOf(parts)));
    result.append(drawTime(performance.now() - startedAt));
    showJson(parts, answer);
  } catch (error) {
    if (signal.aborted) return;
    showProblem(result, error instanceof Error ? error.message : String(error));
  } finally {
    button.disabled = false;
  }
}

function checkInput({ widget, text }: Parts): string | undefined {
  if (text.value.trim() === "") return "Type something first.";
  if (widget.task === "fill-mask" && !text.value.includes(widget.maskToken)) {
    return `Put ${widget.maskToken} where a word is missing.`;
  }
  return undefined;
}

async function ask(parts: Parts, signal: AbortSignal): Promise<unknown> {
  const { widget, text } = parts;
  const inputs =
    widget.task === "sentence-similarity"
      ? { source_sentence: text.value, sentences: sentencesOf(parts) }
      : text.value;
  const response = await fetch(`/models/${widget.model}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ inputs }),
    signal,
  });
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body;
  throw new Error(errorText(body) ?? `The server answered with status ${response.status}.`);
}

function errorText(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  return Array.isArray(body.error) ? body.error.join(" ") : String(body.error);
}

function sentencesOf({ form }: Parts): readonly string[] {
  return new FormData(form)
    .getAll("sentence")
    .map(String)
    .filter((sentence) => sentence.trim() !== "");
}

function showProblem(result: HTMLElement, problem: string): void {
  const paragraph = document.createElement("p");
  paragraph.className = "problem";
  paragraph.textContent = problem;
  result.replaceChildren(paragraph);
}

function showJson({ root: element }: Parts, answer: unknown): void {
  const details = element.querySelector<HTMLDetailsElement>("[data-json]");
  const code = details?.querySelector("code");
  if (!details || !code) return;
  details.hidden = false;
  const text = JSON.stringify(answer, null, 2);
  code.textContent = text.length > 20_000 ? `${text.slice(0, 20_000)}…` : text;
}
