import { isObject, messageOf } from "@bearhug/core";
import {
  type Document,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";

/** Most characters of front matter that are read; larger than any real card's. */
const MAX_FRONT_MATTER = 768 * 1024;
const MAX_DEPTH = 200;
/** Aliases can make a small text grow without bound, and each is looked for in all of it. */
const MAX_ALIASES = 100;

export interface Card {
  /** The front matter's values; `undefined` when there is none or it does not parse. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  /** Why the front matter does not parse. */
  readonly problem: string | undefined;
  /** The text after the front matter. */
  readonly body: string;
}

/** Splits a README into front matter and text. A byte order mark and CRLF are tolerated. Never throws. */
export function parseCard(text: string): Card {
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  const opening = /^---[ \t]*\r?\n/.exec(clean);
  if (!opening) return { data: undefined, problem: undefined, body: clean };
  const closing = /(?:^|\n)---[ \t]*(?:\r?\n|$)/.exec(clean.slice(opening[0].length));
  if (!closing) {
    const problem = 'the metadata block that begins with "---" has no end';
    return { data: undefined, problem, body: clean };
  }
  const yaml = clean
    .slice(opening[0].length, opening[0].length + closing.index)
    .replace(/\r(?=\n|$)/g, "");
  const body = clean.slice(opening[0].length + closing.index + closing[0].length);
  return { ...parseYaml(yaml), body };
}

function parseYaml(yaml: string): Pick<Card, "data" | "problem"> {
  if (yaml.length > MAX_FRONT_MATTER) {
    return { data: undefined, problem: `metadata is longer than ${MAX_FRONT_MATTER} characters` };
  }
  if (isDeep(yaml)) {
    return { data: undefined, problem: `metadata is nested deeper than ${MAX_DEPTH} levels` };
  }
  try {
    const lines = new LineCounter();
    // Unique keys are looked for below, and one error is described: here both would take time by the square.
    const options = { schema: "core", uniqueKeys: false, prettyErrors: false } as const;
    const document = parseDocument(yaml, { ...options, lineCounter: lines, logLevel: "silent" });
    const problem = problemOf(document, lines);
    if (problem !== undefined) return { data: undefined, problem };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null || value === undefined) return { data: undefined, problem: undefined };
    if (!isObject(value)) return { data: undefined, problem: "metadata must be a mapping" };
    return { data: value, problem: undefined };
  } catch (error) {
    return { data: undefined, problem: messageOf(error) };
  }
}

/** Why the document is not taken; looks at each of its values once. */
function problemOf(document: Document.Parsed, lines: LineCounter): string | undefined {
  const at: Place = (offset) => {
    const { line, col } = lines.linePos(offset);
    return `at line ${line}, column ${col}`;
  };
  const [error] = document.errors;
  if (error) return `${error.message.trim()} ${at(error.pos[0])}`;
  let aliases = 0;
  let problem: string | undefined;
  const judge = (fault: string | undefined): symbol | undefined => {
    problem ??= fault;
    return fault === undefined ? undefined : visit.BREAK;
  };
  visit(document, {
    Alias: () =>
      judge(++aliases > MAX_ALIASES ? `metadata has more than ${MAX_ALIASES} aliases` : undefined),
    Seq: (_, node, path) => judge(depthFault(node, path, at)),
    Map: (_, node, path) => judge(depthFault(node, path, at) ?? keyFault(node, at)),
  });
  return problem;
}

type Place = (offset: number) => string;

/** A mapping inside a mapping is two steps deeper: the pair and its value. */
function depthFault(node: Node, path: readonly unknown[], at: Place): string | undefined {
  if (path.length <= 2 * MAX_DEPTH) return undefined;
  return `metadata is nested deeper than ${MAX_DEPTH} levels ${at(node.range?.[0] ?? 0)}`;
}

function keyFault(node: YAMLMap, at: Place): string | undefined {
  const keys = new Set<unknown>();
  for (const { key } of node.items) {
    if (!isScalar(key)) continue;
    if (keys.has(key.value)) return `Map keys must be unique ${at(key.range?.[0] ?? 0)}`;
    keys.add(key.value);
  }
  return undefined;
}

/** Guards the parser, which recurses: counts brackets and the nested sequences of one line. */
function isDeep(yaml: string): boolean {
  let depth = 0;
  for (const [character] of yaml.matchAll(/[[\]{}]/g)) {
    depth += character === "[" || character === "{" ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return new RegExp(`(?:[-?:][ \\t]+){${MAX_DEPTH}}`).test(yaml);
}

/** First paragraph of a README's text, without markup, for lists. */
export function firstParagraph(body: string, maxLength = 300): string | undefined {
  const paragraphs = body
    .slice(0, 20_000)
    .replace(/```[\s\S]*?(?:```|$)/g, "")
    .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
    .split(/\n\s*\n/);
  for (const paragraph of paragraphs) {
    const text = plainText(paragraph);
    if (text.length < 20) continue;
    return text.length > maxLength ? `${text.slice(0, maxLength - 1).trimEnd()}…` : text;
  }
  return undefined;
}

function plainText(paragraph: string): string {
  return paragraph
    .split("\n")
    .filter((line) => !/^\s*(?:#|\||>|[-*_]{3,}\s*$|=+\s*$)/.test(line))
    .join(" ")
    .replace(/<[^>]{0,500}>/g, " ")
    .replace(/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, " ")
    .replace(/\[([^\]]{0,300})\]\([^)]{0,500}\)/g, "$1")
    .replace(/[*_`~]+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
