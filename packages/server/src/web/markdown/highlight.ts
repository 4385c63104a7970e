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

/** Longer texts are shown without colours: colouring takes about a second per megabyte. */
const MAX_COLOURED_CHARACTERS = 50_000;
/**
 * The grammars take the square of a run's length for some runs: a word of 100,000 letters would hold the server up
 * for a minute. No program has any, what was packed into one line aside.
 */
const LONG_RUN = /[\w$]{300}|\s{300}|([^\w\s])\1{299}/;

/** Escaped HTML of `code`; plain when the language is unknown or the code too long. */
export function highlightCode(code: string, language: string | undefined): string {
  const name = language?.toLowerCase();
  const isPlain = name === undefined || code.length > MAX_COLOURED_CHARACTERS;
  if (isPlain || !hljs.getLanguage(name) || LONG_RUN.test(code)) return escapeHtml(code);
  return hljs.highlight(code, { language: name, ignoreIllegals: true }).value;
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
