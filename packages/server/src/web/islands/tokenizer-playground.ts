/** Tokenizes what is typed, in the browser: the text goes nowhere. */
import type { Encoding, Tokenizer } from "@bearhug/tokenizers";
import type { TokenizerFile } from "../components/tokenizer-playground.tsx";
import { loadTokenizer, problemOf } from "./load-tokenizer.ts";
import { drawCounts, drawTable, TokenList } from "./token-list.ts";

/** Enough to read; more would only make the page slow. Ids are given in full. */
const MAX_DRAWN = 2000;
const MAX_ROWS = 500;

const root = document.querySelector<HTMLElement>("[data-tokenizer]");
if (root !== null) void start(root);

interface Parts {
  readonly form: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly pair: HTMLTextAreaElement;
  readonly special: HTMLInputElement;
  readonly status: HTMLElement;
  readonly output: HTMLElement;
  readonly counts: HTMLElement;
  readonly note: HTMLElement;
  readonly ids: HTMLElement;
  readonly table: HTMLTableSectionElement;
}

async function start(element: HTMLElement): Promise<void> {
  // The server wrote this attribute from a value of the same type.
  const file = JSON.parse(element.dataset["tokenizer"] ?? "") as TokenizerFile;
  const parts = partsOf(element);
  const progress = element.querySelector("progress");
  const show = (problem: string): void => showStatus(parts, problem, true);
  try {
    showStatus(parts, "Loading the tokenizer…", false);
    const tokenizer = await loadTokenizer(file, (bytes) => {
      if (progress) [progress.hidden, progress.value] = [false, bytes];
    });
    const list = new TokenList(element, tokenizer);
    follow(parts, () => redraw(parts, list, tokenizer));
  } catch (error) {
    show(problemOf(error));
  } finally {
    progress?.remove();
  }
}

function partsOf(element: HTMLElement): Parts {
  const find = <T extends Element>(selector: string): T => {
    const found = element.querySelector<T>(selector);
    if (found === null) throw new Error(`The page lacks ${selector}`);
    return found;
  };
  return {
    form: find("form"),
    text: find("[name=text]"),
    pair: find("[name=pair]"),
    special: find("[name=special]"),
    status: find("[data-status]"),
    output: find("[data-output]"),
    counts: find("[data-counts]"),
    note: find("[data-note]"),
    ids: find("#playground-ids"),
    table: find("tbody"),
  };
}

/** Draws now and after each change, not while somebody is in the middle of a word. */
function follow({ form }: Parts, draw: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 120);
  });
  draw();
}

function redraw(parts: Parts, list: TokenList, tokenizer: Tokenizer): void {
  const texts = [parts.text.value, parts.pair.value].filter((text, i) => i === 0 || text !== "");
  try {
    const encoding = tokenizer.encode(texts[0] ?? "", {
      pair: texts[1],
      addSpecialTokens: parts.special.checked,
    });
    drawAll(parts, list, { encoding, texts });
    showStatus(parts, "", false);
  } catch (error) {
    parts.output.hidden = true;
    showStatus(parts, problemOf(error), true);
  }
}

function drawAll(
  { output, counts, note, ids, table }: Parts,
  list: TokenList,
  { encoding, texts }: { readonly encoding: Encoding; readonly texts: readonly string[] },
): void {
  output.hidden = false;
  drawCounts(counts, encoding, texts);
  list.draw(encoding, texts, MAX_DRAWN);
  note.hidden = encoding.length <= MAX_DRAWN;
  note.textContent = `The first ${MAX_DRAWN.toLocaleString("en")} tokens are drawn; the ids below are all of them.`;
  ids.textContent = `[${encoding.ids.join(", ")}]`;
  drawTable(table, encoding, MAX_ROWS);
}

function showStatus({ status }: Parts, text: string, isProblem: boolean): void {
  status.textContent = text;
  status.classList.toggle("problem", isProblem);
  status.hidden = text === "";
}
