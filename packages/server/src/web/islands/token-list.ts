/** Draws tokens. Everything reaches the page as text, never as HTML: token strings are anybody's. */
import type { Encoding, Tokenizer } from "@bearhug/tokenizers";
import { blocksOf, type TokenBlock, visibleParts } from "./token-blocks.ts";

const TONES = 5;

interface Shown {
  readonly encoding: Encoding;
  readonly blocks: readonly TokenBlock[];
  readonly places: readonly string[];
}

/** The text as coloured blocks. One of them is in the order of Tab; arrows lead to the others. */
export class TokenList {
  readonly #list: HTMLElement;
  readonly #detail: HTMLElement;
  readonly #added: ReadonlySet<number>;
  #shown: Shown | undefined;

  constructor(root: HTMLElement, tokenizer: Tokenizer) {
    const [list, detail] = [
      root.querySelector<HTMLElement>("[data-tokens]"),
      root.querySelector<HTMLElement>("[data-detail]"),
    ];
    if (!list || !detail) throw new Error("The page lacks a place for tokens");
    this.#list = list;
    this.#detail = detail;
    this.#added = new Set(tokenizer.addedTokens.map(({ id }) => id));
    list.addEventListener("focusin", (event) => this.#select(event.target));
    list.addEventListener("pointerover", (event) => this.#show(event.target));
    list.addEventListener("keydown", (event) => this.#move(event));
  }

  draw(encoding: Encoding, texts: readonly string[], limit: number): void {
    const blocks = blocksOf(encoding, texts, limit);
    this.#shown = { encoding, blocks, places: placesOf(encoding) };
    this.#detail.replaceChildren(hint());
    let tone = 0;
    const drawn = blocks.flatMap((block, index) => {
      const shape =
        block.tokens.length === 0
          ? drawText(element("span", "gap"), block.text)
          : this.#drawBlock(block, { index, tone: tone++ % TONES });
      return block.text.includes("\n") ? [shape, "\n"] : [shape];
    });
    this.#list.replaceChildren(...drawn);
    const first = this.#list.querySelector<HTMLElement>("[role=option]");
    if (first) first.tabIndex = 0;
  }

  #drawBlock(block: TokenBlock, at: { readonly index: number; readonly tone: number }): Element {
    const { encoding } = this.#shown ?? {};
    const own = block.tokens.map((token) => encoding?.tokens[token] ?? "").join("");
    const isAdded = block.tokens.some((token) => this.#added.has(encoding?.ids[token] ?? -1));
    const drawn = element("span", isAdded ? "token special" : `token tone-${at.tone}`);
    drawn.setAttribute("role", "option");
    drawn.setAttribute("aria-selected", "false");
    drawn.setAttribute("aria-label", this.#label(block));
    drawn.tabIndex = -1;
    drawn.dataset["block"] = String(at.index);
    drawText(drawn, block.text || own);
    if (block.tokens.length > 1) {
      const count = element("sub", "");
      count.textContent = String(block.tokens.length);
      drawn.append(count);
    }
    return drawn;
  }

  #label(block: TokenBlock): string {
    const { encoding } = this.#shown ?? {};
    const ids = block.tokens.map((token) => encoding?.ids[token]);
    const strings = block.tokens.map((token) => plainText(encoding?.tokens[token] ?? ""));
    return `${strings.join(" ")}, id ${ids.join(", ")}`;
  }

  #blockAt(target: EventTarget | null): HTMLElement | undefined {
    if (!(target instanceof Element)) return undefined;
    return target.closest<HTMLElement>("[data-block]") ?? undefined;
  }

  #select(target: EventTarget | null): void {
    const chosen = this.#blockAt(target);
    if (chosen === undefined) return;
    for (const other of this.#list.querySelectorAll<HTMLElement>("[tabindex='0']")) {
      other.tabIndex = -1;
      other.setAttribute("aria-selected", "false");
    }
    chosen.tabIndex = 0;
    chosen.setAttribute("aria-selected", "true");
    this.#show(chosen);
  }

  #show(target: EventTarget | null): void {
    const index = this.#blockAt(target)?.dataset["block"];
    const block = index === undefined ? undefined : this.#shown?.blocks[Number(index)];
    if (block === undefined || this.#shown === undefined) return;
    const { encoding, places } = this.#shown;
    const lines = block.tokens.map((token) => drawDetail(encoding, token, places[token] ?? ""));
    this.#detail.replaceChildren(...lines);
  }

  #move(event: KeyboardEvent): void {
    const options = [...this.#list.querySelectorAll<HTMLElement>("[role=option]")];
    const here = options.indexOf(document.activeElement as HTMLElement);
    const goal = {
      ArrowRight: here + 1,
      ArrowDown: here + 1,
      ArrowLeft: here - 1,
      ArrowUp: here - 1,
      Home: 0,
      End: options.length - 1,
    }[event.key];
    if (goal === undefined || here < 0) return;
    event.preventDefault();
    options[Math.max(0, Math.min(options.length - 1, goal))]?.focus();
  }
}

export function drawCounts(place: Element, encoding: Encoding, texts: readonly string[]): void {
  const characters = texts.reduce((sum, text) => sum + [...text].length, 0);
  const added = encoding.specialTokensMask.reduce((sum, flag) => sum + flag, 0);
  const counts: readonly (readonly [string, number])[] = [
    ["Tokens", encoding.length],
    ["Characters", characters],
    ...(added > 0 ? [["Added around the text", added] as const] : []),
  ];
  place.replaceChildren(
    ...counts.map(([name, count]) => {
      const box = element("div", "");
      const [term, value] = [element("dt", ""), element("dd", "")];
      term.textContent = name;
      value.textContent = count.toLocaleString("en");
      box.append(term, value);
      return box;
    }),
  );
}

export function drawTable(body: HTMLTableSectionElement, encoding: Encoding, limit: number): void {
  const count = Math.min(limit, encoding.length);
  const places = placesOf(encoding);
  const rows = Array.from({ length: count }, (_, token) => {
    const row = element("tr", "");
    const [position, id, string, offsets] = ["td", "td", "td", "td"].map((tag) => element(tag, ""));
    if (!position || !id || !string || !offsets) return row;
    position.textContent = String(token);
    id.textContent = String(encoding.ids[token]);
    string.append(drawText(element("code", ""), encoding.tokens[token] ?? ""));
    offsets.textContent = places[token] ?? "";
    row.append(position, id, string, offsets);
    return row;
  });
  if (count < encoding.length) rows.push(drawMore(encoding.length - count));
  body.replaceChildren(...rows);
}

function drawMore(count: number): HTMLElement {
  const row = element("tr", "");
  const cell = document.createElement("td");
  cell.colSpan = 4;
  cell.textContent = `and ${count.toLocaleString("en")} more`;
  row.append(cell);
  return row;
}

function drawDetail(encoding: Encoding, token: number, where: string): Element {
  const line = element("p", "");
  const [id, string, place] = [
    element("strong", ""),
    element("code", ""),
    element("span", "muted"),
  ];
  id.textContent = `id ${encoding.ids[token]}`;
  drawText(string, encoding.tokens[token] ?? "");
  place.textContent = where;
  line.append(id, " ", string, " ", place);
  return line;
}

/** Which characters each token stands for, counted as Python does, or that it is in no text. */
function placesOf(encoding: Encoding): readonly string[] {
  const { sequenceIds } = encoding;
  return encoding.offsetsIn("codePoints").map(([start, end], token) => {
    const sequence = sequenceIds[token] ?? undefined;
    if (sequence === undefined) return "added";
    return `${start}–${end}${sequence > 0 ? " of the second text" : ""}`;
  });
}

function hint(): Element {
  const line = element("p", "muted");
  line.textContent = "Point at a token, or go through them with the arrow keys.";
  return line;
}

function drawText(place: HTMLElement, text: string): HTMLElement {
  place.append(
    ...visibleParts(text).map((part) => {
      if (!part.isMark) return part.text;
      const mark = element("span", "mark");
      mark.textContent = part.text;
      return mark;
    }),
  );
  return place;
}

const plainText = (text: string): string =>
  visibleParts(text)
    .map((part) => part.text)
    .join("")
    .trim();

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  return made;
}
