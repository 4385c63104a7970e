import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { ARTIFACTS, which } from "./paths.ts";

export const CHROMIUM: string | undefined = which("chromium") ?? which("google-chrome");

/** Without these a browser asks its maker's hosts for updates at every start. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser with an empty profile, and the errors that its pages met. */
export interface TestBrowser extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Uncaught errors, console errors and dialogs other than a question, with the page they came from. */
  readonly problems: string[];
  /** Saves a picture of the whole page for a person to look at. */
  screenshot(name: string): Promise<void>;
}

export async function openBrowser(options: BrowserContextOptions = {}): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "bearhug-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    viewport: options.viewport ?? { width: 1280, height: 900 },
    executablePath: CHROMIUM ?? "",
    args: QUIET,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("dialog", (dialog) => {
    if (dialog.type() === "confirm") return void dialog.accept();
    problems.push(`${page.url()}: an ${dialog.type()} says ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    context,
    problems,
    screenshot: async (name) => {
      const folder = join(ARTIFACTS, "screenshots");
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    },
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
