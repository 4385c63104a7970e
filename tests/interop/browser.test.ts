// The pages, as a person uses them, in Debian's Chromium. Selectors are roles and labels: what a reader of the screen
// finds too. Screenshots are left in .assets/interop/screenshots.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, openBrowser, type TestBrowser } from "./support/browser.ts";
import { noise, sha256 } from "./support/bytes.ts";
import { commitFiles, createRepo, readFileAt } from "./support/http.ts";
import { startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing } from "./support/paths.ts";

const absent = CHROMIUM ? missing(CHECKPOINT) : "no chromium";

let hub: TestHub;
let browser: TestBrowser;
beforeAll(async () => {
  if (absent) return;
  hub = await startHub("browser");
  await fill();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await hub?.[Symbol.asyncDispose]();
});

/** The real model, and some others to tell it from. */
async function fill(): Promise<void> {
  const read = (path: string) => readFile(join(CHECKPOINT, path));
  const minilm = await createRepo(hub, "all-MiniLM-L6-v2");
  const small = [
    "README.md",
    "config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "vocab.txt",
  ];
  const texts = await Promise.all(small.map(async (path) => [path, (await read(path)).toString()]));
  const weights = new Uint8Array(await read("model.safetensors"));
  await commitFiles(hub, minilm, { ...Object.fromEntries(texts), "model.safetensors": weights });
  const others = [
    ["polite-bert", "text-classification", "mit", "en"],
    ["höflich", "text-classification", "apache-2.0", "de"],
    ["gap-filler", "fill-mask", "apache-2.0", "en"],
  ] as const;
  for (const [name, task, license, language] of others) {
    const repo = await createRepo(hub, name.normalize("NFD").replace(/[^\w-]/g, ""));
    const card = `---\nlicense: ${license}\nlanguage: ${language}\npipeline_tag: ${task}\nlibrary_name: transformers\n---\n# ${name}\n`;
    await commitFiles(hub, repo, { "README.md": card });
  }
}

describe.skipIf(absent)(`pages in Chromium${absent ? ` (${absent})` : ""}`, () => {
  test("the list is filtered, searched and sorted", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/models`);
    await browser.screenshot("01-models");
    const names = () =>
      page.getByRole("list", { name: "Models" }).getByRole("listitem").allInnerTexts();
    expect(await names()).toHaveLength(4);
    const filters = page.getByRole("complementary", { name: "Filters" });
    await filters.getByRole("link", { name: /Text Classification/i }).click();
    await page.getByRole("region", { name: "Active filters" }).waitFor();
    expect(await names()).toHaveLength(2);
    await filters.getByRole("link", { name: /German|\bde\b/ }).click();
    await page.waitForURL(/filter=.*filter=|pipeline_tag=.*filter=|filter=.*pipeline_tag=/);
    expect(await names()).toHaveLength(1);
    await browser.screenshot("02-models-filtered");
    await page.getByRole("link", { name: "Clear all" }).click();
    await page.getByLabel("Filter by name").fill("MINILM");
    await page.getByLabel("Filter by name").press("Enter");
    await page.waitForURL(/search=/);
    expect(await names()).toEqual([expect.stringContaining("all-MiniLM-L6-v2")]);
  });

  test("the model's card is read, its files and history too", async () => {
    const { page } = browser;
    await page.getByRole("list", { name: "Models" }).getByRole("link").first().click();
    await page
      .getByRole("heading", { level: 1, name: /all-MiniLM-L6-v2/ })
      .first()
      .waitFor();
    await page
      .getByText("This is a sentence-transformers model", { exact: false })
      .first()
      .waitFor();
    await browser.screenshot("03-model-card");
    const tabs = page.getByRole("navigation", { name: "Repository" });
    await tabs.getByRole("link", { name: "Files" }).click();
    await page.getByRole("link", { name: "model.safetensors", exact: true }).waitFor();
    await browser.screenshot("04-files");
    await page.getByRole("link", { name: "config.json", exact: true }).click();
    await page.getByText("BertModel").waitFor();
    await browser.screenshot("05-file");
    await tabs.getByRole("link", { name: "History" }).click();
    await page.getByText("initial commit").first().waitFor();
    await browser.screenshot("06-history");
  });

  test("the widget runs the model on the server", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/${hub.user}/all-MiniLM-L6-v2`);
    const widget = page.locator("section", { has: page.getByRole("button", { name: "Run" }) });
    await widget.getByLabel("Source sentence").fill("A bear sleeps");
    await widget.getByLabel("Sentence 1").fill("An animal is asleep");
    await widget.getByLabel("Sentence 2").fill("Interest rates rose sharply");
    await widget.getByRole("button", { name: "Run" }).click();
    const result = widget.getByRole("status");
    await result.getByText("An animal is asleep").waitFor({ timeout: 60_000 });
    const best = await result.getByRole("listitem").first().textContent();
    expect(best).toContain("An animal is asleep");
    expect(Number(/\d\.\d+/.exec(best ?? "")?.[0])).toBeGreaterThan(0.3);
    await browser.screenshot("07-widget");
  });

  test("signs in; a wrong password is said so", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/models`);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("User name").fill(hub.user);
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("do not belong together").waitFor();
    browser.problems.length = 0; // the console reports the 401 that this test asked for
    await page.getByLabel("Password").fill(hub.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel(`Account menu of ${hub.user}`).waitFor();
    await browser.screenshot("08-signed-in");
  });

  test("creates a repository, uploads a small and a large file, sees it in the list", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/new`);
    await page.getByRole("radio", { name: /Model/ }).check();
    await page.getByLabel("Name").fill("from-the-browser");
    await browser.screenshot("09-new");
    await page.getByRole("button", { name: "Create repository" }).click();
    await page.waitForURL(`${hub.url}/${hub.user}/from-the-browser`);
    await page.getByRole("link", { name: "Upload files" }).first().click();
    const weights = noise(77, 12_000_000);
    await page.getByLabel("Choose files").setInputFiles([
      {
        name: "README.md",
        mimeType: "text/markdown",
        buffer: Buffer.from("---\nlicense: mit\n---\n# By hand\n"),
      },
      {
        name: "model.safetensors",
        mimeType: "application/octet-stream",
        buffer: Buffer.from(weights),
      },
    ]);
    await page.getByLabel("Commit message").fill("From the browser");
    await browser.screenshot("10-upload");
    await page.getByRole("button", { name: /Commit to main/ }).click();
    await page.waitForURL(/\/tree\/main/, { timeout: 60_000 });
    await page.getByRole("link", { name: "model.safetensors", exact: true }).waitFor();
    await browser.screenshot("11-uploaded");
    expect(sha256(await readFileAt(hub, `${hub.user}/from-the-browser`, "model.safetensors"))).toBe(
      sha256(weights),
    );
    await page.goto(`${hub.url}/models`);
    await page.getByRole("list", { name: "Models" }).getByText("from-the-browser").waitFor();
    await browser.screenshot("12-in-the-list");
  });

  test("files are dropped onto the page", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/${hub.user}/from-the-browser/upload/main`);
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
      return data;
    });
    await page.locator("[data-drop]").dispatchEvent("drop", { dataTransfer: transfer });
    await page.getByRole("list", { name: "Files to upload" }).getByText("dropped.txt").waitFor();
    await page.getByRole("button", { name: /Commit to main/ }).click();
    await page.waitForURL(/\/tree\/main/);
    await page.getByRole("link", { name: "dropped.txt", exact: true }).waitFor();
  });

  test("makes an access token that works, and revokes it", async () => {
    const { page } = browser;
    await page.goto(`${hub.url}/settings/tokens`);
    await page.getByLabel(/name/i).first().fill("laptop");
    await page.getByRole("button", { name: /create/i }).click();
    const token =
      /hf_[A-Za-z0-9]{20,}/.exec((await page.locator("main").textContent()) ?? "")?.[0] ?? "";
    expect(token).not.toBe("");
    await browser.screenshot("13-token");
    const whoami = () =>
      fetch(`${hub.url}/api/whoami-v2`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await whoami()).json()).toMatchObject({ name: hub.user });
    await page.reload();
    expect(await page.locator("main").textContent()).not.toContain(token);
    await page
      .getByRole("listitem")
      .filter({ hasText: "laptop" })
      .or(page.getByRole("row").filter({ hasText: "laptop" }))
      .first()
      .getByRole("button", { name: /revoke|delete/i })
      .click();
    await expect.poll(async () => (await whoami()).status).toBe(401);
  });

  test("no page met an error", () => {
    expect(browser.problems).toEqual([]);
  });

  test("a card cannot run script, and the page says no to inline script", async () => {
    const repo = await createRepo(hub, "hostile");
    const attacks = [
      "<script>alert(1)</script>",
      "<img src=x onerror=alert(2)>",
      "[click](javascript:alert(3))",
      '<a href="jAvAsCrIpT:alert(4)">x</a>',
      "<iframe srcdoc='<script>alert(5)</script>'></iframe>",
      "<svg onload=alert(6)><script>alert(7)</script></svg>",
      "<form action='/logout' method=post><button>x</button></form>",
      "<style>body{display:none}</style>",
      "<math><mi xlink:href='javascript:alert(8)'>x</mi></math>",
      "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoOSk+)",
      "<div style='position:fixed;inset:0;z-index:9999'>cover</div>",
      "<base href='https://evil.example/'>",
      "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    ];
    const html = "<!doctype html><script>alert(document.domain)</script>";
    await commitFiles(hub, repo, {
      "README.md": `# Hostile\n\n${attacks.join("\n\n")}\n`,
      "page.html": html,
      "image.svg": `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
    });
    await using other = await openBrowser();
    const { page } = other;
    await page.goto(`${hub.url}/${repo}`);
    await page.getByRole("heading", { name: "Hostile", exact: true }).waitFor();
    const card = page.locator(".markdown");
    for (const forbidden of [
      "script",
      "iframe",
      "form",
      "style",
      "base",
      "meta",
      "[onerror]",
      "[onload]",
      "[style*=fixed]",
    ]) {
      expect(await card.locator(forbidden).count(), forbidden).toBe(0);
    }
    const links = await card
      .locator("a")
      .evaluateAll((found) => found.map((link) => link.getAttribute("href") ?? ""));
    expect(links.filter((href) => /^\s*(javascript|data):/i.test(href))).toEqual([]);
    for (const path of ["page.html", "image.svg"]) {
      await page.goto(`${hub.url}/${repo}/resolve/main/${path}`).catch(() => undefined);
      await page.goto(`${hub.url}/${repo}/blob/main/${path}`);
    }
    await page.waitForTimeout(300);
    expect(other.problems.filter((problem) => problem.includes("alert"))).toEqual([]);
    expect(page.url()).toContain(hub.url);
  });

  test("reads without JavaScript, in the dark and on a small screen", async () => {
    await using plain = await openBrowser({ javaScriptEnabled: false, colorScheme: "dark" });
    const { page } = plain;
    await page.goto(`${hub.url}/`);
    await plain.screenshot("20-home-dark-no-script");
    await page.goto(`${hub.url}/models`);
    await page
      .getByRole("complementary", { name: "Filters" })
      .getByRole("link", { name: /Fill-?Mask/i })
      .click();
    await page.getByRole("list", { name: "Models" }).getByRole("link").first().click();
    await page.getByRole("heading", { name: "gap-filler" }).first().waitFor();
    await page.goto(`${hub.url}/${hub.user}/all-MiniLM-L6-v2/tree/main`);
    await page.getByRole("link", { name: "vocab.txt", exact: true }).waitFor();
    await plain.screenshot("21-files-dark-no-script");
    await using phone = await openBrowser({
      viewport: { width: 375, height: 740 },
      colorScheme: "dark",
    });
    for (const [name, path] of [
      ["22-phone-models", "/models"],
      ["23-phone-model", `/${hub.user}/all-MiniLM-L6-v2`],
    ] as const) {
      await phone.page.goto(`${hub.url}${path}`);
      const overflow = await phone.page.evaluate(
        () => document.documentElement.scrollWidth - innerWidth,
      );
      expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
      await phone.screenshot(name);
    }
  });

  test("is used by keyboard alone", async () => {
    await using other = await openBrowser();
    const { page } = other;
    await page.goto(`${hub.url}/models`);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain(
      "Skip to content",
    );
    await page.keyboard.press("Enter");
    const reached: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.getAttribute("href") ?? ""));
    }
    expect(reached.some((href) => href.endsWith("/all-MiniLM-L6-v2"))).toBe(true);
  });
});
