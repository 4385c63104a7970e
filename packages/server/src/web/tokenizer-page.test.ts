import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Browser, createScratchSite, type ScratchSite } from "./browser.case.ts";

const TOKENIZER = readFileSync(
  new URL("../../../../fixtures/tokenizers/tiny-bert-tokenizer.json", import.meta.url),
);

let site: ScratchSite;
let stranger: Browser;

beforeAll(async () => {
  site = await createScratchSite();
  stranger = site.open();
  const { repositories, accounts } = site.server.context.services;
  const ada = await accounts.find("ada");
  if (ada === undefined) throw new Error("no ada");
  const commit = async (name: string, paths: readonly string[], isPrivate = false) => {
    await repositories.create(ada, { type: "model", owner: "ada", name, private: isPrivate });
    await repositories.commit(
      ada,
      { type: "model", id: `ada/${name}` },
      {
        revision: "main",
        title: "Add",
        operations: paths.map((path) => ({ type: "put", path, content: TOKENIZER })),
      },
    );
  };
  await commit("words", ["README.md", "tokenizer.json", "a & b/tokenizer.json"]);
  await commit("plain", ["README.md"]);
  await commit("secret", ["tokenizer.json"], true);
});
afterAll(() => site[Symbol.asyncDispose]());

it("shows a model's tokenizer, ready for the script, and says that it needs one", async () => {
  const html = await stranger.html("/ada/words/tokenizer");
  expect(html).toContain(
    `data-tokenizer="${JSON.stringify({
      url: "/ada/words/resolve/main/tokenizer.json",
      path: "tokenizer.json",
      sizeBytes: TOKENIZER.length,
    }).replaceAll('"', "&quot;")}"`,
  );
  expect(html).toMatch(/role="status"[^>]*>[^<]*needs JavaScript/);
  expect(html).toMatch(/<a [^>]*aria-current="page"[^>]*>.*?Tokenizer<\/a>/);
  for (const [, id] of html.matchAll(/<textarea id="([^"]+)"/g)) {
    expect(html).toContain(`<label for="${id}"`);
  }
  expect(html).not.toMatch(/<script(?! type="module" src="\/-\/assets\/)|<style|\sstyle=|\son\w+=/);
});

it("answers as JSON, for a folder and a branch too", async () => {
  expect(await stranger.json("/ada/words/tokenizer/main/a%20&%20b")).toMatchObject({
    id: "ada/words",
    path: "a & b/tokenizer.json",
    url: "/ada/words/resolve/main/a%20%26%20b/tokenizer.json",
    sizeBytes: TOKENIZER.length,
  });
  const { url } = await stranger.json("/ada/words/tokenizer/main/a%20&%20b");
  expect(Buffer.from(await (await stranger.get(String(url))).arrayBuffer())).toEqual(TOKENIZER);
});

it("is linked where there is one, and not found where there is none", async () => {
  expect(await stranger.html("/ada/words")).toContain('href="/ada/words/tokenizer"');
  expect(await stranger.html("/ada/plain")).not.toContain("/tokenizer");
  for (const path of ["/ada/plain/tokenizer", "/ada/words/tokenizer/none"]) {
    expect((await stranger.get(path, { Accept: "application/json" })).status).toBe(404);
  }
  const hidden = await stranger.get("/ada/secret/tokenizer", { Accept: "application/json" });
  expect([401, 404]).toContain(hidden.status);
});
