import { describe, expect, it } from "vitest";
import { validateCard } from "./cards.ts";
import { firstParagraph, parseCard } from "./front-matter.ts";

const card = (yaml: string): string => `---\n${yaml}\n---\n# Title\n`;
const errors = (yaml: string, type: "model" | "dataset" | "space" = "model") =>
  validateCard(card(yaml), type).errors.map((error) => error.message);

describe("parseCard()", () => {
  it("tolerates a byte order mark and CRLF", () => {
    const { data, body } = parseCard("\ufeff---\r\nlicense: mit\r\n---\r\n# Hi\r\n");
    expect(data).toEqual({ license: "mit" });
    expect(body).toBe("# Hi\r\n");
  });

  it("reads words that old YAML took for booleans as text", () => {
    expect(parseCard(card("language: no")).data).toEqual({ language: "no" });
  });

  it("takes text without front matter as it is", () => {
    expect(parseCard("# Hi\n---\nx")).toEqual({
      data: undefined,
      problem: undefined,
      body: "# Hi\n---\nx",
    });
  });

  it.each([
    ["no end", "---\nlicense: mit\n"],
    ["a list", card("- a\n- b")],
    ["broken YAML", card("a: [1, 2")],
    ["a duplicate key", card("a: 1\na: 2")],
    ["too much", card(`a: ${"x".repeat(1_100_000)}`)],
    ["deep nesting", card(`a: ${"[".repeat(500_000)}`)],
    [
      "deep nesting by indentation",
      card(Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")),
    ],
    ["deep nesting in a line", card(`a:\n  ${"- ".repeat(200_000)}`)],
  ])("names the problem of front matter with %s", (_, text) => {
    expect(parseCard(text)).toMatchObject({ data: undefined, problem: expect.any(String) });
  });

  it.each([
    ["keys", Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n")],
    ["aliases", `a:\n${"- &a 1\n- *a\n".repeat(5_000)}`],
    ["errors", `a: [${",".repeat(20_000)}]`],
  ])("takes time by the length, not its square, for many %s", (_, yaml) => {
    parseCard(card(yaml));
  });

  it("does not expand aliases without bound", () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? "a0: &a0 [x,x,x,x,x,x,x,x,x]" : `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`,
    );
    expect(parseCard(card(levels.join("\n"))).problem).toMatch(/alias/i);
  });

  it("keeps a key such as __proto__ harmless", () => {
    const { data } = parseCard(card("__proto__:\n  polluted: true"));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(data?.["polluted"]).toBeUndefined();
  });
});

describe("validateCard()", () => {
  it("accepts a real model's card", () => {
    const yaml = [
      "language: [en, zh-CN]",
      "license: apache-2.0",
      "library_name: sentence-transformers",
      "tags: [sentence-transformers, feature-extraction]",
      "datasets: [s2orc, ms_marco]",
      "pipeline_tag: sentence-similarity",
      "base_model: nreimers/MiniLM-L6-H384-uncased",
    ].join("\n");
    expect(validateCard(card(yaml), "model")).toEqual({ errors: [], warnings: [] });
  });

  it.each([
    ["license: beer", /^"license" must be one of \[apache-2.0, mit/],
    ["license: other", /"license_name" is required/],
    ["language: English please", /"language" must be/],
    ["pipeline_tag: make-coffee", /"pipeline_tag" must be one of \[/],
    ["tags: {a: 1}", /"tags" must be an array/],
    ["tags: [a, 1]", /"tags\[1\]" must be a string/],
    ["base_model: ../../etc", /"base_model" must be/],
    ["model-index: 3", /"model-index" must be an array/],
    ["model-index: [{name: x, results: [{}]}]", /results\[0\].task.type" is required/],
    ["library_name: [a]", /"library_name" must be a string/],
  ])("refuses %s", (yaml, message) => {
    expect(errors(yaml)).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
  });

  it("checks datasets and Spaces by their own rules", () => {
    expect(errors("configs: [{data_files: x}]", "dataset")[0]).toMatch(/config_name/);
    expect(errors("pipeline_tag: make-coffee", "dataset")).toEqual([]);
    expect(errors("sdk: flask\ncolorFrom: mauve", "space")).toHaveLength(2);
  });

  it("warns where metadata is missing or unknown", () => {
    expect(validateCard("# Hi", "model").warnings).toHaveLength(1);
    const unknown = validateCard(card("task_categories: [cooking]"), "dataset");
    expect(unknown).toMatchObject({ errors: [], warnings: [{ message: /cooking/ }] });
  });
});

describe("firstParagraph()", () => {
  it("skips headings, badges, tables and code, and drops markup", () => {
    const text = [
      "# Title",
      "![badge](x.svg) [![b](y)](z)",
      "```js\nconst code = 'that is long enough to count';\n```",
      "This is a **sentence** about [a model](http://x) that says\nsomething.",
    ].join("\n\n");
    expect(firstParagraph(text)).toBe("This is a sentence about a model that says something.");
  });
});
