// Trying a tokenizer on a model's page, as a person does, in Debian's Chromium. Screenshots are left in
// .assets/interop/screenshots.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@bearhug/tokenizers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openBrowser, type TestBrowser } from "./support/browser.ts";
import { commitFiles, createRepo } from "./support/http.ts";
import { startHub, type TestHub } from "./support/hub-server.ts";
import { ROOT } from "./support/paths.ts";

const read = (name: string): string =>
  readFileSync(join(ROOT, "fixtures", "tokenizers", `${name}-tokenizer.json`), "utf8");
const HOSTILE = "<img src=x onerror=alert(1)>";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  if (!CHROMIUM) return;
  hub = await startHub("tokenizer-page");
  const repo = await createRepo(hub, "bytes");
  const roberta = JSON.parse(read("tiny-roberta"));
  roberta.added_tokens.push({ ...roberta.added_tokens[0], id: 5000, content: HOSTILE });
  await commitFiles(hub, repo, {
    "README.md": "# Bytes\n",
    "tokenizer.json": JSON.stringify(roberta),
    "broken/tokenizer.json": '{"model": {"type": "BPE", "vocab": {}, "merges": [["a", "b"]]}}',
    "newer/tokenizer.json": JSON.stringify({ ...roberta, pre_tokenizer: { type: "Telepathy" } }),
  });
  // Through large file storage: its bytes come by another address.
  await commitFiles(hub, await createRepo(hub, "large"), {
    "tokenizer.json": new TextEncoder().encode(read("tiny-bert")),
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
});

describe.skipIf(!CHROMIUM)(`the tokenizer's page${CHROMIUM ? "" : " (no chromium)"}`, () => {
  const idsOf = async () =>
    JSON.parse((await browser.page.locator("#playground-ids").textContent()) ?? "");

  test("is found from the model's page, and gives the ids that Node gives", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/${hub.user}/bytes`);
    await page.getByRole("link", { name: "Try the tokenizer" }).click();
    const text = page.getByLabel("Text", { exact: true });
    await page.getByRole("listbox", { name: "Tokens" }).getByRole("option").first().waitFor();
    await browser.screenshot("30-tokenizer");
    const tokenizer = Tokenizer.fromJson(read("tiny-roberta"));
    await text.fill("Hello 🐻\n wörld");
    await expect.poll(idsOf).toEqual([...tokenizer.encodeIds("Hello 🐻\n wörld")]);
    await page.getByLabel("Add special tokens").uncheck();
    const plain = tokenizer.encodeIds("Hello 🐻\n wörld", { addSpecialTokens: false });
    await expect.poll(idsOf).toEqual([...plain]);
    await page.getByLabel("Second text").fill("and");
    await page.getByLabel("Add special tokens").check();
    const both = tokenizer.encodeIds("Hello 🐻\n wörld", { pair: "and" });
    await expect.poll(idsOf).toEqual([...both]);
    await page.getByLabel("Second text").fill("");
  });

  test("shows the bytes of a character as one, and what a token is", async () => {
    const { page } = browser;
    const options = page.getByRole("listbox", { name: "Tokens" }).getByRole("option");
    await page.getByLabel("Text", { exact: true }).fill("🐻");
    await expect.poll(() => options.count()).toBe(3);
    await options.nth(1).hover();
    const detail = page.locator("[data-detail]");
    expect(await detail.getByText(/^id \d+$/).count()).toBeGreaterThan(1);
    expect(await detail.textContent()).toContain("0–1");
  });

  test("is gone through with the keyboard", async () => {
    const { page } = browser;
    await page.getByLabel("Add special tokens").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("End");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    expect(await focused()).toMatch(/<\/s>, id \d+/);
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toMatch(/, id \d+, \d+/);
    await page.keyboard.press("Home");
    expect(await focused()).toMatch(/<s>, id \d+/);
  });

  test("takes tokens and texts for text", async () => {
    const { page } = browser;
    const attack = `${HOSTILE} \u202e<script>alert(2)</script>\u0000`;
    await page.getByLabel("Text", { exact: true }).fill(attack);
    const list = page.getByRole("listbox", { name: "Tokens" });
    await list.getByText("U+202E").waitFor();
    await page.getByText("Table of tokens").click();
    expect(await page.locator("[data-tokenizer] :is(img, script, b)").count()).toBe(0);
    expect(await list.locator(".special").allTextContents()).toContain(
      HOSTILE.replaceAll(" ", "·"),
    );
    await browser.screenshot("31-tokenizer-hostile");
  });

  test("reads files from large file storage", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/${hub.user}/large/tokenizer`);
    await page.getByRole("listbox", { name: "Tokens" }).getByRole("option").first().waitFor();
  });

  test.each([
    ["broken", /merges/],
    ["newer", /Telepathy/],
  ])("says what is wrong with a %s file", async (folder, words) => {
    await browser.page.goto(`${hub.url}/${hub.user}/bytes/tokenizer/main/${folder}`);
    await browser.page.getByRole("status").getByText(words).waitFor();
    expect(await browser.page.getByRole("listbox", { name: "Tokens" }).isVisible()).toBe(false);
  });

  test("no page met an error", () => {
    expect(browser.problems).toEqual([]);
  });

  test("says that it needs JavaScript; is read in the dark and on a phone", async () => {
    const url = `${hub.url}/${hub.user}/bytes/tokenizer`;
    await using plain = await openBrowser({ javaScriptEnabled: false });
    await plain.page.goto(url);
    await plain.page.getByText("needs JavaScript").waitFor();
    await plain.screenshot("32-tokenizer-no-script");
    await using phone = await openBrowser({
      viewport: { width: 375, height: 740 },
      colorScheme: "dark",
    });
    await phone.page.goto(url);
    await phone.page.getByRole("option").first().click();
    await phone.screenshot("33-tokenizer-phone-dark");
    const overflow = await phone.page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
