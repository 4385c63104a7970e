/** The pages: which address shows what. Mounted last, so that everything else has had its turn. */
import { Hono } from "hono";
import { compress } from "hono/compress";
import type { HubContext, HubEnv } from "../http/context.ts";
import { asHubError, errorResponse } from "../http/errors.ts";
import { HubError, RepoMovedError } from "../http/hub-error.ts";
import { ASSET_PREFIX, findBuiltAssets } from "./built-assets.ts";
import { createMarkdownCache } from "./markdown/cache.ts";
import { accountPage, changePasswordAction } from "./pages/account.tsx";
import { blobPage } from "./pages/blob.tsx";
import { commitPage } from "./pages/commit.tsx";
import { commitsPage } from "./pages/commits.tsx";
import { homePage } from "./pages/home.tsx";
import { listPage } from "./pages/list.tsx";
import { createRepoAction, newRepoPage } from "./pages/new-repo.tsx";
import { profilePage } from "./pages/profile.tsx";
import { repoSettingsAction, repoSettingsPage } from "./pages/repo-settings.tsx";
import { repositoryPage } from "./pages/repository.tsx";
import {
  signInAction,
  signInLimiter,
  signInPage,
  signOutAction,
  signOutPage,
} from "./pages/sign-in.tsx";
import { tokenizerPage } from "./pages/tokenizer.tsx";
import { createTokenAction, revokeTokenAction, tokensPage } from "./pages/tokens.tsx";
import { treePage } from "./pages/tree.tsx";
import { uploadAction, uploadPage } from "./pages/upload.tsx";
import type { RenderedFile } from "./rendered-file.ts";
import { isOwnerName, parseRepoAddress, type RepoAddress } from "./repo-url.ts";
import { respondToError } from "./respond.tsx";
import { fieldOf, readForm, safeNext, setTheme } from "./session.ts";
import type { WebContext, WebRequest } from "./web-context.ts";

/** All web pages, the built assets they need, and pages for errors. */
export function webRoutes(hub: HubContext): Hono<HubEnv> {
  const markdown = createMarkdownCache<RenderedFile>();
  const web: WebContext = { hub, assets: findBuiltAssets(), markdown };
  const app = new Hono<HubEnv>();
  app.use(compress());
  app.onError((error, c) => answerError(web, c, error));
  addAssets(app, web);
  app.get("/", (c) => homePage(web, c));
  app.get("/models", (c) => listPage(web, c, "model"));
  app.get("/datasets", (c) => listPage(web, c, "dataset"));
  addAccountRoutes(app, web);
  app.get("/new", (c) => newRepoPage(web, c));
  app.post("/new", (c) => createRepoAction(web, c));
  app.get("*", (c, next) => (isPagePath(c) ? otherPage(web, c) : next()));
  app.post("*", (c, next) => {
    const action = repoActionOf(c);
    return action === undefined ? next() : action(web, c);
  });
  return app;
}

function addAssets(app: Hono<HubEnv>, web: WebContext): void {
  app.get(`${ASSET_PREFIX}:file`, async (c) => {
    const served = await web.assets.serve(c.req.param("file"), c.req.raw);
    if (served !== undefined) return served;
    throw new HubError(404, "NotFound", { message: "There is no such asset: are they built?" });
  });
  app.get("/favicon.ico", (c) => {
    const icon = web.assets.url("favicon.svg");
    return icon === undefined ? c.body(null, 404) : c.redirect(icon);
  });
  app.post("/-/theme", async (c) => {
    const form = await readForm(web.hub, c);
    setTheme(c, fieldOf(form, "theme"));
    return c.redirect(safeNext(fieldOf(form, "next")), 303);
  });
}

function addAccountRoutes(app: Hono<HubEnv>, web: WebContext): void {
  const limiter = signInLimiter(web.hub.now);
  app.get("/login", (c) => signInPage(web, c));
  app.post("/login", (c) => signInAction(web, c, limiter));
  app.get("/logout", (c) => signOutPage(web, c));
  app.post("/logout", (c) => signOutAction(web, c));
  app.get("/settings", (c) => c.redirect("/settings/account"));
  app.get("/settings/account", (c) => accountPage(web, c));
  app.post("/settings/account", (c) => changePasswordAction(web, c, limiter));
  app.get("/settings/tokens", (c) => tokensPage(web, c));
  app.post("/settings/tokens", (c) => createTokenAction(web, c));
  app.post("/settings/tokens/revoke", (c) => revokeTokenAction(web, c));
}

/** Addresses of programs keep the answers of programs. */
function isPagePath(c: WebRequest): boolean {
  return !/^\/(?:api|v1|v2|xet|cas|oauth)(?:\/|$)|\.git\/|\/(?:resolve|raw)\//.test(c.req.path);
}

async function otherPage(web: WebContext, c: WebRequest): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  if (pathname !== "/" && pathname.endsWith("/")) return c.redirect(trimmed(pathname) + search);
  const alias = /^\/models\/([^/]+\/[^/]+(?:\/.*)?)$/.exec(pathname)?.[1];
  if (alias !== undefined && parseRepoAddress(`/${alias}`)) return c.redirect(`/${alias}${search}`);
  const address = parseRepoAddress(pathname);
  if (address !== undefined) return repoPage(web, c, address);
  const owner = pathname.slice(1);
  if (isOwnerName(owner)) return profilePage(web, c, owner);
  throw new HubError(404, "NotFound", { message: "There is nothing at this address." });
}

type RepoHandler = (web: WebContext, c: WebRequest, address: RepoAddress) => Promise<Response>;

const REPO_PAGES: Readonly<Record<string, RepoHandler>> = {
  "": repositoryPage,
  tree: treePage,
  blob: blobPage,
  commits: commitsPage,
  commit: commitPage,
  upload: uploadPage,
  settings: repoSettingsPage,
  tokenizer: tokenizerPage,
};

const REPO_ACTIONS: Readonly<Record<string, RepoHandler>> = {
  upload: uploadAction,
  settings: repoSettingsAction,
};

function repoPage(web: WebContext, c: WebRequest, address: RepoAddress): Promise<Response> {
  const page = Object.hasOwn(REPO_PAGES, address.view) ? REPO_PAGES[address.view] : undefined;
  if (page !== undefined) return page(web, c, address);
  throw new HubError(404, "NotFound", { message: "There is nothing at this address." });
}

function repoActionOf(
  c: WebRequest,
): ((web: WebContext, c: WebRequest) => Promise<Response>) | undefined {
  const address = parseRepoAddress(new URL(c.req.url).pathname);
  if (address === undefined || !Object.hasOwn(REPO_ACTIONS, address.view)) return undefined;
  const action = REPO_ACTIONS[address.view];
  return action && ((web, request) => action(web, request, address));
}

/** Never `//host`, which would be another site's address. */
function trimmed(pathname: string): string {
  return `/${pathname.replace(/^\/+|\/+$/g, "")}`;
}

async function answerError(web: WebContext, c: WebRequest, thrown: unknown): Promise<Response> {
  const error = asHubError(thrown, c.var.viewer);
  if (error instanceof RepoMovedError) return errorResponse(error, c);
  // Called for its log entry: a page never shows what went wrong inside.
  if (!(error instanceof HubError)) errorResponse(error, c);
  return respondToError(web, c, error);
}
