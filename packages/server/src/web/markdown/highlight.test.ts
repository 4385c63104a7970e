import { expect, it } from "vitest";
import { highlightCode, highlightLines, languageOf } from "./highlight.ts";

it("highlightCode() escapes everything, with and without a language", () => {
  for (const language of [undefined, "html", "python", "nonsense", "markdown"]) {
    const html = highlightCode(`<b a="x">&'`, language);
    expect(html.replace(/<\/?span[^>]*>/g, "")).not.toMatch(/[<>"]|&(?!#\d+;|[a-z]+;|#x\w+;)/);
  }
});

it("highlightLines() keeps every line's spans complete", () => {
  const lines = highlightLines('"""one\ntwo\nthree"""\r\nx = 1\n', "python");
  expect(lines).toHaveLength(4);
  for (const line of lines) {
    expect(line.match(/<span/g)?.length ?? 0).toBe(line.match(/<\/span>/g)?.length ?? 0);
  }
});

it("highlightLines() reads front matter as YAML", () => {
  const lines = highlightLines("---\nlicense: mit\n---\n\n# Title\n", "markdown");
  expect(lines[1]).toContain('<span class="hljs-attr">license:</span>');
  expect(lines).toHaveLength(5);
});

it("languageOf() goes by the name", () => {
  expect(["a/train.PY", "config.json", "Dockerfile", "x.unknown"].map(languageOf)).toEqual([
    "python",
    "json",
    "bash",
    undefined,
  ]);
});

it("highlightCode() leaves out what would take a grammar minutes", () => {
  for (const run of ["a", "0x", "\n", "_", "!", "-", "a_"]) {
    for (const language of ["javascript", "typescript", "python"]) {
      const code = run.repeat(40_000 / run.length);
      expect(highlightCode(code, language)).not.toContain("<span");
    }
  }
  for (const [language, code] of [
    ["cs", "a ".repeat(25_000)],
    ["c#", "a ".repeat(25_000)],
    ["yml", "* ".repeat(25_000)],
  ] as const) {
    expect(highlightCode(code, language)).not.toContain("<span");
  }
  expect(highlightCode("const a = 1;", "javascript")).toContain("<span");
});
