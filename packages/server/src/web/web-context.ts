import type { Context } from "hono";
import type { HubContext, HubEnv } from "../http/context.ts";
import type { Viewer } from "../services/services.ts";
import type { BuiltAssets } from "./built-assets.ts";
import type { MarkdownCache } from "./markdown/cache.ts";
import type { RenderedFile } from "./rendered-file.ts";
import { formToken, type Theme, themeOf } from "./session.ts";

/** What every page handler gets beside the request. */
export interface WebContext {
  readonly hub: HubContext;
  readonly assets: BuiltAssets;
  readonly markdown: MarkdownCache<RenderedFile>;
}

/** What the frame around a page shows, and what forms and dates in it need. */
export interface Shell {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly formToken: string;
  /** Path and query of this page. */
  readonly here: string;
  readonly publicUrl: string;
  readonly now: Date;
  readonly assets: BuiltAssets;
}

export type WebRequest = Context<HubEnv>;

export function shellOf(web: WebContext, c: WebRequest): Shell {
  const url = new URL(c.req.url);
  return {
    viewer: c.var.viewer,
    theme: themeOf(c),
    formToken: formToken(web.hub, c),
    here: url.pathname + url.search,
    publicUrl: c.var.publicUrl,
    now: web.hub.now(),
    assets: web.assets,
  };
}
