/** Cookies and forms: who is signed in, which theme, and whether a form was sent by one of our own pages. */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import { SESSION_COOKIE } from "../http/auth.ts";
import { bodyChunks } from "../http/body.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { HubError } from "../http/hub-error.ts";
import { ownHosts } from "../http/public-url.ts";
import type { Account } from "../services/services.ts";

const NEW_TOKEN_COOKIE = "bearhug_new_token";
const THEME_COOKIE = "bearhug_theme";
const MONTH_SECONDS = 30 * 24 * 60 * 60;

export type Theme = "light" | "dark" | "auto";

export function sessionOf(c: Context<HubEnv>): string | undefined {
  return getCookie(c, SESSION_COOKIE);
}

/** A session lasts a month in the browser; without a value the cookie is removed. */
export function setSession(c: Context<HubEnv>, session: string | undefined): void {
  setCookie(c, SESSION_COOKIE, session ?? "", {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: c.var.publicUrl.startsWith("https:"),
    maxAge: session === undefined ? 0 : MONTH_SECONDS,
  });
}

/** Carries a new token over the redirect after its form: shown by the next page, then gone. */
export function setNewToken(c: Context<HubEnv>, token: string): void {
  setCookie(c, NEW_TOKEN_COOKIE, token, { ...newTokenOptions(c), maxAge: 60 });
}

export function takeNewToken(c: Context<HubEnv>): string | undefined {
  const token = getCookie(c, NEW_TOKEN_COOKIE);
  if (token !== undefined) setCookie(c, NEW_TOKEN_COOKIE, "", { ...newTokenOptions(c), maxAge: 0 });
  return token;
}

function newTokenOptions(c: Context<HubEnv>): CookieOptions {
  const secure = c.var.publicUrl.startsWith("https:");
  return { path: "/settings/tokens", httpOnly: true, sameSite: "Strict", secure };
}

export function themeOf(c: Context<HubEnv>): Theme {
  const theme = getCookie(c, THEME_COOKIE);
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function setTheme(c: Context<HubEnv>, theme: string): void {
  const known = theme === "light" || theme === "dark";
  setCookie(c, THEME_COOKIE, known ? theme : "", {
    path: "/",
    sameSite: "Lax",
    maxAge: known ? 365 * 24 * 60 * 60 : 0,
  });
}

/** The hidden field of every form: only pages of this session know it. */
export function formToken(hub: HubContext, c: Context<HubEnv>): string {
  return createHmac("sha256", hub.config.secret)
    .update(`form\0${sessionOf(c) ?? ""}`)
    .digest("base64url");
}

export type Form = FormData;

/** Most bytes of a form without files. */
const MAX_FORM_BYTES = 256 * 1024;

/**
 * The fields of a form that one of our own pages sent.
 *
 * @throws {HubError} 403 when another site sent it, 413 above `maxBytes`, 400 when it is no form.
 */
export async function readForm(
  hub: HubContext,
  c: Context<HubEnv>,
  maxBytes: number = MAX_FORM_BYTES,
): Promise<Form> {
  if (!isSameOrigin(c)) throw foreignForm();
  const form = await parseForm(c, maxBytes);
  const given = Buffer.from(fieldOf(form, "form_token"));
  const expected = Buffer.from(formToken(hub, c));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw foreignForm();
  return form;
}

async function parseForm(c: Context<HubEnv>, maxBytes: number): Promise<Form> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyChunks(c.req.raw, maxBytes)) chunks.push(chunk);
  const headers = { "Content-Type": c.req.header("Content-Type") ?? "" };
  try {
    return await new Response(Buffer.concat(chunks), { headers }).formData();
  } catch (cause) {
    throw new HubError(400, "BadRequest", { message: "This is not a form", cause });
  }
}

/** A text field; `""` when it is missing. */
export function fieldOf(form: Form, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Where to go after signing in: a path of this server, whatever was asked for. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next) || hasControlCharacter(next)) return "/";
  const base = "http://hub.invalid";
  const url = URL.canParse(next, base) ? new URL(next, base) : undefined;
  if (url?.origin !== base || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search + url.hash;
}

/** The signed-in account. @throws {HubError} 401, which pages turn into a visit to the sign-in page. */
export function requireAccount(c: Context<HubEnv>): Account {
  if (c.var.viewer !== undefined) return c.var.viewer;
  throw new HubError(401, "Unauthorized", { message: "Sign in to see this page" });
}

/**
 * The account that is signed in with its password. A token must not make tokens: what it may do is its role's, and
 * ends with it.
 *
 * @throws {HubError} 401 for strangers, 403 for a token.
 */
export function requireSession(c: Context<HubEnv>): Account {
  const account = requireAccount(c);
  if (account.token === undefined) return account;
  throw new HubError(403, "Forbidden", {
    message: "Account settings need a browser's session, not an access token",
    hint: "Sign in with your password",
  });
}

function hasControlCharacter(text: string): boolean {
  return [...text].some((character) => character < " " || character === "\u007f");
}

function isSameOrigin(c: Context<HubEnv>): boolean {
  const origin = c.req.header("Origin");
  if (origin !== undefined && origin !== "null") {
    return URL.canParse(origin) && ownHosts(c.req.raw, c.var.publicUrl).has(new URL(origin).host);
  }
  const site = c.req.header("Sec-Fetch-Site");
  return origin === undefined && (site === undefined || site === "same-origin" || site === "none");
}

function foreignForm(): HubError {
  return new HubError(403, "Forbidden", {
    message: "This form was not sent from this site, or you signed in or out meanwhile",
    hint: "Go back, reload the page and send it again",
  });
}
