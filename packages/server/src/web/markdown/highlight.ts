/** Colours code on the server: what comes out is escaped HTML with `hljs-` classes only. */
import hljs from "highlight.js/lib/common";

const BY_EXTENSION: Readonly<Record<string, string>> = {
  bash: "bash",
  c: "c",
  cc: "cpp",
  cfg: "ini",
  cpp: "cpp",
  cs: "csharp",
  css: "css",
  cu: "cpp",
  diff: "diff",
  go: "go",
  h: "c",
  hpp: "cpp",
  html: "xml",
  ini: "ini",
  ipynb: "json",
  java: "java",
  jinja: "xml",
  js: "javascript",
  json: "json",
  jsonl: "json",
  jsx: "javascript",
  kt: "kotlin",
  lua: "lua",
  md: "markdown",
  mjs: "javascript",
  php: "php",
  pl: "perl",
  py: "python",
  r: "r",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  sql: "sql",
  svg: "xml",
  swift: "swift",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
};

/**
 * Longer texts are shown without colours. Some grammars take the square of a text's length when it is written for
 * that (measured: 50,000 characters of "a a a" as C# 33 s, as YAML 4 s); within these bounds the worst found takes
 * about a second.
 */
const MAX_COLOURED_CHARACTERS = 50_000;
const MAX_OF_LANGUAGE: Readonly<Record<string, number>> = {
  cpp: 25_000,
  csharp: 6_000,
  javascript: 25_000,
  typescript: 25_000,
  xml: 25_000,
  yaml: 15_000,
};

/**
 * The grammars take the square of a run's length for some runs: a word of 100,000 letters would hold the server up
 * for a minute. No program has any, what was packed into one line aside.
 */
const LONG_RUN = /[\w$]{300}|\s{300}|([^\w\s])\1{299}/;

/** Escaped HTML of `code`; plain when the language is unknown or the code too long. */
export function highlightCode(code: string, language: string | undefined): string {
  const name = language?.toLowerCase();
  if (name === undefined || code.length > longest(name) || LONG_RUN.test(code)) {
    return escapeHtml(code);
  }
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
}

/** How long a text of the language may be: less than none when it is unknown. The names of a grammar are many ("cs", "c#"). */
function longest(name: string): number {
  const grammar = hljs.getLanguage(name);
  if (grammar === undefined) return -1;
  const limits = Object.entries(MAX_OF_LANGUAGE);
  const limit = limits.find(([known]) => hljs.getLanguage(known)?.name === grammar.name);
  return limit?.[1] ?? MAX_COLOURED_CHARACTERS;
}

export function languageOf(path: string): string | undefined {
  const file = path.slice(path.lastIndexOf("/") + 1);
  if (file === "Dockerfile") return "bash";
  if (file === "Makefile") return "makefile";
  return BY_EXTENSION[file.slice(file.lastIndexOf(".") + 1).toLowerCase()];
}

/** Highlighted HTML cut into lines, each with its own complete spans. */
export function highlightLines(code: string, language: string | undefined): readonly string[] {
  const text = code.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const frontMatter = language === "markdown" ? /^---\n[\s\S]*?\n---\n/.exec(text)?.[0] : undefined;
  if (frontMatter === undefined) return cutLines(highlightCode(text, language));
  return [
    ...cutLines(highlightCode(frontMatter.slice(0, -1), "yaml")),
    ...cutLines(highlightCode(text.slice(frontMatter.length), language)),
  ];
}

function cutLines(html: string): readonly string[] {
  const open: string[] = [];
  return html.split("\n").map((line) => {
    const before = open.join("");
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g)) {
      if (tag === "</span>") open.pop();
      else open.push(tag);
    }
    return before + line + "</span>".repeat(open.length);
  });
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
