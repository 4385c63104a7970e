/** Markdown of a stranger → HTML that cannot run script. The only way card text gets into a page. */
import MarkdownIt from "markdown-it";
import { highlightCode } from "./highlight.ts";
import { type LinkTarget, sanitizeCard } from "./sanitize.ts";
import { taskLists } from "./task-lists.ts";

export interface Heading {
  readonly level: number;
  /** As in the page: prefixed, so that a card cannot take an id of ours. */
  readonly id: string;
  readonly text: string;
}

export interface RenderedMarkdown {
  readonly html: string;
  readonly headings: readonly Heading[];
  /** Whether the source was longer than what is rendered. */
  readonly isCut: boolean;
}

/** Rendering takes some seconds a megabyte, on the one thread that answers requests. */
const MAX_CHARACTERS = 200_000;

/** Of all code in one text: colouring it is the slowest part. */
const MAX_COLOURED_CHARACTERS = 60_000;
/** Of the text that is being rendered: rendering is never interrupted. */
let coloured = 0;

const markdown = new MarkdownIt({
  html: true,
  linkify: true,
  typographer: false,
  highlight: (code, language) => {
    coloured += code.length;
    const name = coloured > MAX_COLOURED_CHARACTERS ? undefined : language.split(/[\s,{]/)[0];
    return highlightCode(code, name);
  },
});
markdown.use(taskLists);

/** @param source without front matter. @param target where relative links and images lead. */
export function renderMarkdown(source: string, target: LinkTarget): RenderedMarkdown {
  coloured = 0;
  const isCut = source.length > MAX_CHARACTERS;
  const tokens = markdown.parse(isCut ? source.slice(0, MAX_CHARACTERS) : source, {});
  const headings = numberHeadings(tokens);
  const html = markdown.renderer.render(tokens, markdown.options, {});
  return { html: sanitizeCard(html, target), headings, isCut };
}

type Tokens = ReturnType<typeof markdown.parse>;

function numberHeadings(tokens: Tokens): readonly Heading[] {
  const used = new Map<string, number>();
  const headings: Heading[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const inline = tokens[index + 1];
    const text = (inline?.children ?? [])
      .filter((child) => child.type === "text" || child.type === "code_inline")
      .map((child) => child.content)
      .join("")
      .trim();
    const slug = slugOf(text);
    const before = used.get(slug) ?? 0;
    used.set(slug, before + 1);
    const id = before === 0 ? slug : `${slug}-${before}`;
    token.attrSet("id", id);
    headings.push({ level: Number(token.tag.slice(1)), id: `card-${id}`, text });
  }
  return headings;
}

function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
  return slug === "" ? "section" : slug;
}
