import { parseArray } from "@bearhug/core";
import type { Connection } from "./connection.ts";
import { type HubRequest, request } from "./request.ts";

/** The items of a listing, page after page. Pages after the first are tried again when they fail. */
export async function* pages(
  connection: Connection,
  first: HubRequest,
): AsyncGenerator<unknown, void, undefined> {
  let wanted = first;
  for (;;) {
    const response = await request(connection, wanted);
    yield* parseArray(await response.json(), "page");
    const next = nextPage(response.headers.get("link"));
    if (!next) return;
    wanted = { ...first, path: next, query: undefined, retry: true };
    wanted.signal?.throwIfAborted();
  }
}

/** The address behind `rel="next"` of a Link header. */
export function nextPage(link: string | null): string | undefined {
  return linkTarget(link, "next");
}

/** The address behind one relation of a Link header (RFC 8288). */
export function linkTarget(link: string | null, relation: string): string | undefined {
  for (const match of (link ?? "").matchAll(/<([^>]*)>([^<]*)/g)) {
    const rel = /;\s*rel="?([^";,]+)"?/.exec(match[2] ?? "")?.[1];
    if (rel?.split(/\s+/).includes(relation)) return match[1];
  }
  return undefined;
}
