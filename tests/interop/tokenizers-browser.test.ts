// The tokenizers in Debian's Chromium: the package's own test files, unchanged, and real tokenizers against Node.
// What is reported comes from the page.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer, trainTokenizer } from "@bearhug/tokenizers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openBrowser, type TestBrowser } from "./support/browser.ts";
import { answersOf, TRAINING } from "./support/page/digest.ts";
import type { PageSuite } from "./support/page/index.ts";
import { bundlePackage, type PageServer, servePage } from "./support/page/serve.ts";
import { ROOT } from "./support/paths.ts";
import { markTexts, randomTexts } from "./support/tokenizers/texts.ts";

declare const suite: PageSuite; // in the page

const SOURCES = "packages/tokenizers/src";
/** They make their files with Node's Buffer and crypto. */
const OF_NODE = ["formats/formats.test.ts", "formats/bad-files.test.ts"];
/** They measure with Node's counters of time and memory. */
const MEASURING = ["cost no more the more they are", "a long one, with bounded memory"];
const TESTS = readdirSync(join(ROOT, SOURCES), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts") && !OF_NODE.includes(path))
  .sort();
/** One of each kind: byte-level BPE by several patterns, Unigram, SentencePiece's BPE, WordPiece. */
const REAL = [
  "all-MiniLM-L6-v2",
  "tokenizer-gpt2",
  "tokenizer-llama3",
  "tokenizer-gpt4o",
  "tokenizer-qwen3",
  "tokenizer-deepseek-v3",
  "tokenizer-llama2",
  "tokenizer-gemma2",
  "tokenizer-multilingual-e5",
  "tokenizer-claude",
];
const TEXTS = [
  ...randomTexts(71, 400),
  ...markTexts(72, 60),
  // Longer than the kernel's window, where Node would copy text by its Buffer.
  randomTexts(73, 2000).join(" "),
  "A long English sentence, with numbers (1234567) and a few words more. ".repeat(1000),
].map((text) => new TextDecoder().decode(new TextEncoder().encode(text))); // as messages to a page are;

let server: PageServer;
let browser: TestBrowser;
beforeAll(async () => {
  if (!CHROMIUM) return;
  server = await servePage(TESTS.map((path) => `${SOURCES}/${path}`));
  browser = await openBrowser();
  await browser.page.goto(server.url);
  await browser.page.waitForFunction(() => "suite" in globalThis);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

test("the package is bundled for browsers without anything of Node", async () => {
  const bytes = await bundlePackage(`${SOURCES}/index.ts`);
  expect(new TextDecoder().decode(bytes)).not.toMatch(/["']node:|\brequire\(/);
  expect(bytes.length).toBeGreaterThan(50_000);
});

describe.skipIf(!CHROMIUM)(`tokenizers in Chromium${CHROMIUM ? "" : " (no chromium)"}`, () => {
  test("the page has nothing of Node", async () => {
    const { agent, node } = await browser.page.evaluate(() => suite.environment());
    console.log(agent);
    expect(agent).toMatch(/Chrome\/\d/);
    expect(node).toEqual([]);
  });

  test.each(TESTS)("%s", async (path) => {
    const url = `/${SOURCES}/${path.replace(/\.ts$/, ".js")}`;
    const { passed, left, failed } = await browser.page.evaluate(
      ([file, exceptions]) => suite.runFile(file, exceptions),
      [url, MEASURING] as const,
    );
    const others = left.length === 0 ? "" : `, not run: ${left.join(" · ")}`;
    console.log(`${path}: ${passed} passed, ${failed.length} failed${others}`);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(0);
  });

  test.each(REAL)("%s answers as it does in Node", async (name) => {
    const path = `.assets/${name}/tokenizer.json`;
    if (!existsSync(join(ROOT, path))) {
      console.log(`${name} is not here: npm run assets`);
      return;
    }
    const theirs = await browser.page.evaluate(([url, texts]) => suite.answers(url, texts), [
      `/${path}`,
      TEXTS,
    ] as const);
    console.log(`${name}: ${TEXTS.length} texts, ${theirs.tokens} tokens, ids ${theirs.ids}`);
    const tokenizer = Tokenizer.fromBytes(readFileSync(join(ROOT, path)));
    expect(theirs).toEqual(answersOf(tokenizer, TEXTS));
  });

  test("learns the vocabulary that Node learns", async () => {
    const base = JSON.stringify({
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: true },
      decoder: { type: "ByteLevel" },
      model: { type: "BPE", vocab: {}, merges: [] },
    });
    const { json, answers } = await browser.page.evaluate(
      ([file, texts]) => suite.train(file, texts),
      [base, TEXTS] as const,
    );
    console.log(`trained: ${JSON.parse(json).model.merges.length} merges, ids ${answers.ids}`);
    const ours = await trainTokenizer(base, TEXTS, TRAINING);
    expect(json).toBe(ours.json);
    expect(answers).toEqual(answersOf(ours.tokenizer, TEXTS));
  });

  test("no page met an error", () => {
    // Tests ask whether an optional asset is there.
    const problems = browser.problems.filter((problem) => !problem.includes("status of 404"));
    expect(problems).toEqual([]);
  });
});
