/** One page, two forms: HTML for people, JSON for whoever asks for it. */

import type { JSX } from "hono/jsx/jsx-runtime";
import { HubError } from "../http/hub-error.ts";
import type { PageScript } from "./built-assets.ts";
import { spriteFor } from "./components/icon.tsx";
import { Layout } from "./components/layout.tsx";
import { ErrorPage } from "./pages/error.tsx";
import { type PageStatus, problemOf } from "./problem.ts";
import { type Shell, shellOf, type WebContext, type WebRequest } from "./web-context.ts";

export interface Page {
  readonly title: string;
  readonly description?: string | undefined;
  /** What a program gets that asks for this page as JSON. */
  readonly data: unknown;
  readonly body: (shell: Shell) => JSX.Element | Promise<JSX.Element>;
  readonly scripts?: readonly PageScript[];
  readonly status?: PageStatus;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https:",
  "media-src 'self' https:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

export async function respond(web: WebContext, c: WebRequest, page: Page): Promise<Response> {
  const status = page.status ?? 200;
  c.header("Vary", "Accept, Cookie, Accept-Encoding");
  c.header("Cache-Control", "private, no-cache");
  c.header("X-Content-Type-Options", "nosniff");
  if (wantsJson(c)) return c.json(page.data, status);
  c.header("Content-Security-Policy", POLICY);
  c.header("Referrer-Policy", "same-origin");
  return c.html(await renderPage(shellOf(web, c), page), status);
}

/** Turns what a handler threw into a page: unknown things look the same as hidden ones. */
export async function respondToError(
  web: WebContext,
  c: WebRequest,
  error: unknown,
): Promise<Response> {
  const problem = problemOf(error);
  if (needsSignIn(error, c)) {
    const url = new URL(c.req.url);
    return c.redirect(`/login?next=${encodeURIComponent(url.pathname + url.search)}`);
  }
  if (error instanceof HubError) c.header("X-Error-Code", error.code);
  return respond(web, c, {
    title: problem.title,
    data: { error: problem.message },
    status: problem.status,
    body: (shell) => <ErrorPage problem={problem} viewer={shell.viewer} here={shell.here} />,
  });
}

export function wantsJson(c: WebRequest): boolean {
  const accept = c.req.header("Accept") ?? "";
  const json = accept.indexOf("application/json");
  const html = accept.indexOf("text/html");
  return json >= 0 && (html < 0 || json < html);
}

async function renderPage(shell: Shell, page: Page): Promise<string> {
  const body = await page.body(shell);
  const html = String(
    await (
      <Layout
        shell={shell}
        title={page.title}
        description={page.description}
        scripts={page.scripts ?? []}
      >
        {body}
      </Layout>
    ),
  );
  return `<!doctype html>${html.replace("<!--sprite-->", () => spriteFor(html))}`;
}

function needsSignIn(error: unknown, c: WebRequest): boolean {
  const unauthorized = error instanceof HubError && error.code === "Unauthorized";
  return unauthorized && c.var.viewer === undefined && c.req.method === "GET" && !wantsJson(c);
}
