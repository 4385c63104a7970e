import { TemplateFailure } from "./errors.ts";

/** `{% … %}`, `{{ … }}` or `{# … #}` of a template. */
export interface Tag {
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** The first word of a statement. */
  readonly keyword: string;
}

const CLOSES: Readonly<Record<string, string>> = { "{%": "%}", "{{": "}}", "{#": "#}" };

/**
 * Finds the tags of a template, in order. The parser does not tell where things stand; by counting tags, its nodes
 * get their lines.
 *
 * @throws {TemplateFailure} for a tag without an end.
 */
export function findTags(source: string): readonly Tag[] {
  const tags: Tag[] = [];
  let line = 1;
  let counted = 0;
  const opening = /\{[%{#]/g;
  for (let match = opening.exec(source); match; match = opening.exec(source)) {
    const start = match.index;
    for (; counted < start; counted++) if (source.charCodeAt(counted) === 10) line++;
    const end = tagEnd(source, start);
    if (end === undefined) throw new UnclosedTag(match[0], line);
    const [, keyword = ""] = /^\{%[-+]?\s*(\w+)/u.exec(source.slice(start, end)) ?? [];
    tags.push({ start, end, line, keyword });
    opening.lastIndex = end;
  }
  return tags;
}

/** A tag without an end, and the line where it begins. */
export class UnclosedTag extends TemplateFailure {
  readonly line: number;

  constructor(opening: string, line: number) {
    super(`"${opening}" has no "${CLOSES[opening]}"`, "syntax");
    this.line = line;
  }
}

/** Where the tag ends: texts in quotes, and braces of dicts, may hold what looks like its end. */
function tagEnd(source: string, start: number): number | undefined {
  const close = CLOSES[source.slice(start, start + 2)] ?? "";
  if (close === "#}") {
    const at = source.indexOf(close, start + 2);
    return at < 0 ? undefined : at + 2;
  }
  let depth = 0;
  for (let at = start + 2; at < source.length; at++) {
    const character = source[at];
    if (character === '"' || character === "'") {
      at = textEnd(source, at);
    } else if (depth === 0 && source.startsWith(close, at)) {
      return at + 2;
    } else if (character === "{") {
      depth++;
    } else if (character === "}") {
      depth = Math.max(0, depth - 1);
    }
  }
  return undefined;
}

function textEnd(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === "\\" ? 2 : 1;
  return at;
}

/** The filter that stands for `{% generation %}`, which the parser does not know. */
export const GENERATION = "generation";

/** The template with `{% generation %}` blocks as blocks of a filter; lines stay where they are. */
export function rewriteGeneration(source: string, tags: readonly Tag[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, keyword } of tags) {
    if (keyword !== "generation" && keyword !== "endgeneration") continue;
    const word = keyword === "generation" ? `filter ${GENERATION}` : "endfilter";
    parts.push(source.slice(from, start), source.slice(start, end).replace(keyword, word));
    from = end;
  }
  return parts.join("") + source.slice(from);
}
