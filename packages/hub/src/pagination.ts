import { parseArray } from "@bearhug/core";
import type { Connection } from "./connection.ts";
import { EndlessListingError } from "./errors.ts";
import { type HubRequest, request, withoutQuery } from "./request.ts";

/** At a thousand items a page, more than the largest Hub has of anything. */
const MAX_PAGES = 100_000;
/** Filters may leave pages empty, but not this many in a row. */
const MAX_EMPTY_PAGES = 1000;

/**
 * The items of a listing, page after page. Pages after the first are tried again when they fail.
 *
 * @throws {EndlessListingError} when the pages lead round in a circle, or do not end.
 */
export async function* pages(
  connection: Connection,
  first: HubRequest,
): AsyncGenerator<unknown, void, undefined> {
  const course = new Course(first.action);
  let wanted = first;
  for (;;) {
    const response = await request(connection, wanted);
    const items = parseArray(await response.json(), "page");
    yield* items;
    const next = nextPage(response.headers.get("link"));
    if (!next) return;
    course.goOn(next, items.length);
    wanted = { ...first, path: next, query: undefined, retry: true };
    wanted.signal?.throwIfAborted();
  }
}

/** Notices a listing that goes round, with the memory of one page: of the last whose number is a power of two. */
class Course {
  readonly #action: string;
  #landmark: string | undefined;
  #pages = 0;
  #nextLandmark = 1;
  #emptyInARow = 0;

  constructor(action: string) {
    this.#action = action;
  }

  goOn(next: string, items: number): void {
    this.#pages++;
    this.#emptyInARow = items > 0 ? 0 : this.#emptyInARow + 1;
    if (next === this.#landmark) throw this.#endless("its pages lead round in a circle", next);
    if (this.#emptyInARow >= MAX_EMPTY_PAGES) {
      throw this.#endless(`${MAX_EMPTY_PAGES} pages in a row are empty`, next);
    }
    if (this.#pages >= MAX_PAGES) throw this.#endless(`it has over ${MAX_PAGES} pages`, next);
    if (this.#pages < this.#nextLandmark) return;
    this.#landmark = next;
    this.#nextLandmark *= 2;
  }

  #endless(reason: string, url: string): EndlessListingError {
    return new EndlessListingError(`Cannot ${this.#action}: ${reason}`, withoutQuery(url));
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
