/** Draws a model's answer. Everything reaches the page as text, never as HTML. */
import type { WidgetTask } from "../components/widget-data.ts";

interface Bar {
  readonly label: string;
  readonly score: number;
}

const MAX_BARS = 10;
const MAX_CELLS = 512;

/** `sentences` are what a similarity's scores belong to. */
export function drawResult(
  task: WidgetTask,
  answer: unknown,
  sentences: readonly string[],
): readonly Element[] {
  switch (task) {
    case "text-classification":
      return [drawBars(scoresOf(answer, "label"))];
    case "fill-mask":
      return [drawBars(scoresOf(answer, "token_str"))];
    case "sentence-similarity":
      return [drawBars(similarities(answer, sentences))];
    case "feature-extraction":
      return drawVector(answer);
  }
}

export function drawTime(milliseconds: number): Element {
  const time = element("p", "time");
  time.textContent =
    milliseconds < 1000
      ? `${Math.round(milliseconds)} ms, on this server`
      : `${(milliseconds / 1000).toFixed(1)} s, on this server`;
  return time;
}

/** The answer for one text comes alone or as the only one of a list. */
function scoresOf(answer: unknown, key: "label" | "token_str"): readonly Bar[] {
  const list: readonly unknown[] = Array.isArray(answer) ? answer.flat() : [];
  return list.flatMap((item) => {
    if (typeof item !== "object" || item === null || !(key in item) || !("score" in item))
      return [];
    const found: { readonly [name: string]: unknown } = { ...item };
    return [{ label: String(found[key]).trim() || "␣", score: Number(found["score"]) }];
  });
}

function similarities(answer: unknown, sentences: readonly string[]): readonly Bar[] {
  const scores: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return sentences
    .map((label, index) => ({ label, score: Number(scores[index]) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score);
}

function drawBars(bars: readonly Bar[]): Element {
  if (bars.length === 0) {
    const none = element("p", "hint");
    none.textContent = "The model gave no scores.";
    return none;
  }
  const list = element("ul", "bars");
  for (const { label, score } of bars.slice(0, MAX_BARS)) {
    const item = element("li", "");
    const name = element("span", "name");
    name.textContent = label;
    const value = element("span", "score");
    value.textContent = score.toFixed(3);
    const bar = element("span", "bar");
    const filled = element("span", "");
    filled.style.width = `${Math.max(0, Math.min(1, score)) * 100}%`;
    bar.append(filled);
    item.append(name, value, bar);
    list.append(item);
  }
  return list;
}

/** A bar for each of the first numbers, above or below the middle. */
function drawVector(answer: unknown): readonly Element[] {
  const { vector, shape } = firstVector(answer);
  const title = element("p", "vector-shape");
  title.textContent = `Shape [${shape.join(", ")}], starts with ${vector
    .slice(0, 4)
    .map((value) => value.toFixed(4))
    .join(", ")}…`;
  const cells = vector.slice(0, MAX_CELLS);
  const most = Math.max(...cells.map(Math.abs), 1e-9);
  const image = svg("svg", { viewBox: `0 0 ${cells.length} 100`, preserveAspectRatio: "none" });
  image.classList.add("vector");
  image.setAttribute("height", "72");
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", `${vector.length} numbers as bars`);
  for (const [x, value] of cells.entries()) {
    const height = (Math.abs(value) / most) * 48;
    const y = value >= 0 ? 50 - height : 50;
    const bar = svg("rect", { x: `${x}`, y: `${y}`, width: "0.8", height: `${height}` });
    bar.classList.add(value >= 0 ? "up" : "down");
    image.append(bar);
  }
  return [title, image];
}

function firstVector(answer: unknown): { vector: readonly number[]; shape: readonly number[] } {
  const shape: number[] = [];
  let inner: unknown = answer;
  while (Array.isArray(inner)) {
    shape.push(inner.length);
    if (typeof inner[0] === "number") return { vector: inner.map(Number), shape };
    inner = inner[0];
  }
  return { vector: [], shape };
}

function element(tag: string, className: string): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  return made;
}

function svg(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
