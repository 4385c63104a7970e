/**
 * Model and dataset cards. An entry point of its own, `@bearhug/hub/card`: a YAML parser takes longer to load than
 * all the rest of the client.
 */
import { isObject, type JsonObject } from "@bearhug/core";
import { Document, parseDocument, YAMLParseError } from "yaml";

/** A README.md: metadata in its front matter, then text. */
export interface Card {
  /** Keys in the order that they have in the file. */
  readonly data: JsonObject;
  /** Markdown behind the front matter. */
  readonly text: string;
}

const FRONT_MATTER = /^\s*---[ \t]*\r?\n(?<yaml>[\s\S]*?)(?:(?<=\n)|\r?\n)---[ \t]*(?:\r?\n|$)/;

/**
 * Splits a card into metadata and text. Without front matter all is text.
 *
 * @throws {SyntaxError} when the front matter is not YAML or not a mapping.
 * @example
 * parseCard("---\nlicense: mit\n---\n# Hello").data; // { license: "mit" }
 */
export function parseCard(markdown: string): Card {
  const match = FRONT_MATTER.exec(markdown);
  if (!match) return { data: {}, text: markdown };
  const document = parseDocument(match.groups?.["yaml"] ?? "");
  const [error] = document.errors;
  if (error) throw frontMatterError(error);
  const data: unknown = document.toJS({ maxAliasCount: 100 }) ?? {};
  if (!isObject(data)) throw new SyntaxError("front matter must be a mapping of keys to values");
  return { data, text: markdown.slice(match[0].length) };
}

function frontMatterError(cause: unknown): SyntaxError {
  const where = cause instanceof YAMLParseError ? cause.message.split("\n")[0] : String(cause);
  return new SyntaxError(`front matter is not YAML: ${where}`, { cause });
}

/** Writes a card; keys keep their order. Without metadata there is no front matter. */
export function stringifyCard({ data, text }: Card): string {
  if (Object.keys(data).length === 0) return text;
  const yaml = new Document(data).toString({ lineWidth: 0 });
  return `---\n${yaml}---\n${text}`;
}
