import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Account } from "../services/services.ts";
import { type Browser, createScratchSite, type ScratchSite } from "./browser.case.ts";

let site: ScratchSite;
let stranger: Browser;
let ada: Browser;
let account: Account;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A safetensors file with one tensor of four float32 zeros. */
function safetensors(): Uint8Array {
  const header = bytes('{"weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}');
  const file = new Uint8Array(8 + header.length + 16);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  return file;
}

const CARD = `---
license: mit
language: en
pipeline_tag: text-classification
tags:
- "<b>bold</b>"
---

# Honey <script>alert(1)</script>

[config](config.json) & **strong**
`;

async function seed(): Promise<void> {
  const { repositories, accounts } = site.server.context.services;
  const found = await accounts.find("ada");
  if (found === undefined) throw new Error("no ada");
  account = found;
  const put = (path: string, content: string | Uint8Array) => ({
    type: "put" as const,
    path,
    content: typeof content === "string" ? bytes(content) : content,
  });
  const commit = (
    id: string,
    title: string,
    files: Readonly<Record<string, string | Uint8Array>>,
  ) =>
    repositories.commit(
      account,
      { type: id === "ada/tides" ? "dataset" : "model", id },
      {
        revision: "main",
        title,
        operations: Object.entries(files).map(([path, content]) => put(path, content)),
      },
    );
  await repositories.create(account, { type: "model", owner: "ada", name: "honey" });
  await commit("ada/honey", "Add <files>", {
    "README.md": CARD,
    "config.json": '{"model_type":"bert","x":"</script>"}\n',
    "weights/model.safetensors": safetensors(),
    "broken.safetensors": "not a safetensors file",
    "binary.dat": new Uint8Array([0, 1, 2]),
    "empty.txt": "",
    "docs/a b.md": "[up](../config.json)\n",
  });
  await commit("ada/honey", "Change config", { "config.json": '{"model_type":"bert"}\n' });
  await repositories.createBranch(account, { type: "model", id: "ada/honey" }, { branch: "dev/x" });
  await repositories.create(account, {
    type: "model",
    owner: "ada",
    name: "secret",
    private: true,
  });
  await commit("ada/secret", "Add", { "README.md": "# Hidden words\n" });
  await repositories.create(account, { type: "dataset", owner: "ada", name: "tides" });
  await commit("ada/tides", "Add", { "README.md": "---\nlicense: cc0-1.0\n---\n# Tides\n" });
}

beforeAll(async () => {
  site = await createScratchSite();
  await seed();
  stranger = site.open();
  ada = site.open();
  await ada.signIn("ada", "ada-password");
});
afterAll(() => site[Symbol.asyncDispose]());

describe("every page", () => {
  it.each([
    "/",
    "/models",
    "/datasets",
    "/ada",
    "/login",
    "/ada/honey",
    "/datasets/ada/tides",
    "/ada/honey/tree/main",
    "/ada/honey/tree/main/weights",
    "/ada/honey/blob/main/config.json",
    "/ada/honey/commits/main",
    "/ada/honey/commit/main",
  ])("%s answers as HTML with a strict policy, and as JSON", async (path) => {
    const page = await stranger.get(path);
    expect(page.status).toBe(200);
    expect(page.headers.get("Content-Type")).toMatch(/^text\/html/);
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    const html = await page.text();
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
    expect(html).toContain('<main id="main"');
    expect(html.match(/<h1/g)).toHaveLength(
      path === "/ada/honey" || path === "/datasets/ada/tides" ? 2 : 1,
    );
    expect(html).not.toMatch(
      /<script(?! type="module" src="\/-\/assets\/)|<style|\sstyle=|\son\w+=/,
    );
    // Every drawing that is used is in the page's sprite.
    for (const [, name] of html.matchAll(/href="#i-([a-z]+)"/g))
      expect(html).toContain(`id="i-${name}"`);
    const json = await stranger.get(path, { Accept: "application/json" });
    expect(json.headers.get("Content-Type")).toMatch(/^application\/json/);
    expect(json.headers.get("Vary")).toContain("Accept");
    expect(await json.json()).toBeTypeOf("object");
  });

  it("labels every control", async () => {
    for (const path of [
      "/models?search=x",
      "/settings/tokens",
      "/settings/account",
      "/new",
      "/ada/honey/settings",
      "/ada/honey/upload/main",
    ]) {
      const html = await ada.html(path);
      for (const [tag, id] of html.matchAll(
        /<(?:input|select|textarea)\b[^>]*?\bid="([^"]+)"[^>]*>/g,
      )) {
        expect(tag.includes("aria-label") || html.includes(`for="${id}"`), tag).toBe(true);
      }
      for (const [tag] of html.matchAll(/<button[^>]*>/g)) expect(tag).toContain("type=");
    }
  });
});

describe("a repository's page", () => {
  it("shows the card without its scripts, tags as links, and code to use it", async () => {
    const html = await stranger.html("/ada/honey");
    expect(html).not.toContain("alert(1)");
    expect(html).toContain('<h1 id="card-honey-alert1">');
    expect(html).toContain('href="/ada/honey/blob/main/config.json"');
    expect(html).toContain('href="/models?filter=license%3Amit"');
    expect(html).toContain("&lt;b&gt;bold&lt;/b&gt;");
    expect(html).toContain("HF_ENDPOINT=http://hub.test");
    expect(html).toContain("</span> http://hub.test/ada/honey</code>");
  });

  it("offers settings and upload only to those who may", async () => {
    expect(await stranger.html("/ada/honey")).not.toContain("/ada/honey/settings");
    expect(await ada.html("/ada/honey")).toContain('href="/ada/honey/settings"');
    expect(await ada.html("/ada/honey")).toContain('href="/ada/honey/upload/main"');
  });

  it("leads from /models/{id} and from a trailing slash to itself", async () => {
    expect((await stranger.get("/models/ada/honey")).headers.get("Location")).toBe("/ada/honey");
    expect((await stranger.get("/ada/honey/")).headers.get("Location")).toBe("/ada/honey");
    expect((await stranger.get("//evil.example/")).headers.get("Location") ?? "").not.toMatch(
      /^\/\//,
    );
  });
});

describe("files", () => {
  it("lists folders first with the last commit, escaped", async () => {
    const html = await stranger.html("/ada/honey/tree/main");
    expect(html.indexOf("weights")).toBeLessThan(html.indexOf("config.json"));
    expect(html).toContain("Add &lt;files&gt;");
    expect(html).toContain('href="/ada/honey/resolve/main/config.json?download=true"');
  });

  it("takes a branch with a slash, encoded or not", async () => {
    expect((await stranger.json("/ada/honey/tree/dev%2Fx/docs"))["path"]).toBe("docs");
    expect((await stranger.json("/ada/honey/tree/dev/x/docs"))["path"]).toBe("docs");
  });

  it("shows text with numbered lines, escaped", async () => {
    const { commits } = (await stranger.json("/ada/honey/commits/main")) as {
      commits: { id: string }[];
    };
    const html = await stranger.html(`/ada/honey/blob/${commits[1]?.id}/config.json`);
    expect(html).toContain('<a id="L1" href="#L1" data-n="1"');
    expect(html).not.toContain('"</script>"');
  });

  it("renders Markdown, and shows its source on demand", async () => {
    expect(await stranger.html("/ada/honey/blob/main/docs/a%20b.md")).toContain(
      'href="/ada/honey/blob/main/config.json"',
    );
    expect(await stranger.html("/ada/honey/blob/main/docs/a%20b.md?plain=1")).toContain("data-n=");
  });

  it("reads a safetensors header, and says what is wrong with a broken one", async () => {
    const json = await stranger.json("/ada/honey/blob/main/weights/model.safetensors");
    expect(json["tensors"]).toMatchObject([{ name: "weight", dtype: "float32", shape: [2, 2] }]);
    expect(await stranger.html("/ada/honey/blob/main/broken.safetensors")).toContain(
      "Not a valid safetensors file",
    );
  });

  it("does not show bytes that are no text", async () => {
    expect(await stranger.html("/ada/honey/blob/main/binary.dat")).toContain(
      "This file is not text.",
    );
    expect(await stranger.html("/ada/honey/blob/main/empty.txt")).toContain("This file is empty.");
  });

  it("goes to the other view when a folder is asked for as a file", async () => {
    expect((await stranger.get("/ada/honey/blob/main/weights")).headers.get("Location")).toBe(
      "/ada/honey/tree/main/weights",
    );
    expect((await stranger.get("/ada/honey/tree/main/config.json")).headers.get("Location")).toBe(
      "/ada/honey/blob/main/config.json",
    );
  });

  it("shows a commit as a diff", async () => {
    const html = await stranger.html("/ada/honey/commit/main");
    expect(html).toContain("Change config");
    expect(html).toContain('<tr class="added">');
  });

  it.each([
    ["/ada/honey/blob/main/no.txt", "EntryNotFound"],
    ["/ada/honey/tree/main/no", "EntryNotFound"],
    ["/ada/honey/tree/nobranch", "RevisionNotFound"],
    ["/ada/honey/commit/0000000", "RevisionNotFound"],
    ["/ada/honey/blob/main/%2e%2e%2f%2e%2e%2fsecret", "EntryNotFound"],
    ["/ada/honey/wiki", null],
  ])("%s is 404", async (path, code) => {
    const response = await stranger.get(path);
    expect(response.status).toBe(404);
    if (code !== null) expect(response.headers.get("X-Error-Code")).toBe(code);
  });
});

describe("lists", () => {
  it("filter, count, and offer to remove what is chosen", async () => {
    const html = await stranger.html("/models?filter=license%3Amit&search=hon");
    expect(html).toContain("/ada/honey");
    expect(html).toContain('href="/models?search=hon"');
    expect((await stranger.json("/models?filter=license:nope"))["total"]).toBe(0);
    expect(await stranger.html("/models?filter=license:nope")).toContain("Nothing matches");
  });

  it("escape what is searched", async () => {
    const html = await stranger.html("/models?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    expect(html).not.toContain("<script>alert");
  });

  it("refuse a cursor of somebody's invention", async () => {
    expect((await stranger.get("/models?cursor=zzz")).status).toBe(400);
  });

  it("page through by links alone", async () => {
    const { repositories } = site.server.context.services;
    for (let n = 0; n < 30; n++) {
      await repositories.create(account, { type: "dataset", owner: "ada", name: `many-${n}` });
    }
    const first = await stranger.html("/datasets?search=many");
    const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const second = await stranger.html(next);
    expect(second).toContain("Page 2 of 2");
    expect(second).toMatch(/rel="prev" href="\/datasets\?search=many"/);
    const ids = (html: string) =>
      [...html.matchAll(/class="repo-card" href="([^"]+)"/g)].map((m) => m[1]);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(30);
  });
});

describe("private repositories", () => {
  it("do not exist for strangers", async () => {
    const eve = site.open();
    await eve.signIn("eve", "eve-password");
    for (const browser of [stranger, eve]) {
      for (const path of [
        "",
        "/tree/main",
        "/blob/main/README.md",
        "/commits/main",
        "/settings",
        "/upload/main",
      ]) {
        const [hidden, missing] = [
          await browser.get(`/ada/secret${path}`),
          await browser.get(`/ada/none${path}`),
        ];
        expect(hidden.status).toBe(404);
        const text = async (response: Response) =>
          (await response.text()).replaceAll("none", "secret");
        expect(await text(hidden)).toBe(await text(missing));
      }
      expect(await browser.html("/models")).not.toContain("/ada/secret");
      expect(await browser.html("/ada")).not.toContain("/ada/secret");
    }
    expect(await ada.html("/ada/secret")).toContain("Hidden words");
    expect(await ada.html("/models")).toContain("/ada/secret");
  });
});

describe("errors", () => {
  it("inside do not show what they are", async () => {
    const { search } = site.server.context.services;
    const { list } = search;
    Object.assign(search, { list: () => Promise.reject(new Error("SECRET at /var/lib")) });
    try {
      const page = await stranger.get("/models");
      expect(page.status).toBe(500);
      const html = await page.text();
      expect(html).toContain("Server error");
      expect(html).not.toContain("SECRET");
      expect(await stranger.json("/models")).toEqual({
        error: "Something went wrong on our side. It was recorded.",
      });
    } finally {
      Object.assign(search, { list });
    }
  });

  it("of gated repositories say to sign in", async () => {
    const { repositories } = site.server.context.services;
    await repositories.update(account, { type: "model", id: "ada/honey" }, { gated: "manual" });
    expect((await stranger.get("/ada/honey")).status).toBe(200);
    const page = await stranger.get("/ada/honey/blob/main/config.json");
    expect([401, 403]).toContain(page.status);
    expect(await page.text()).not.toContain("model_type");
    expect((await ada.get("/ada/honey/blob/main/config.json")).status).toBe(200);
    await repositories.update(account, { type: "model", id: "ada/honey" }, { gated: false });
  });

  it("leave programs' addresses their own answers", async () => {
    const response = await stranger.get("/api/nothing");
    expect(response.status).toBe(404);
    expect(response.headers.get("Content-Type")).toContain("application/json");
  });
});
