/** Recipes: which chunks of which xorbs make a file, and where to fetch them. */
import { parseArray, parseInteger, parseObject, parseString } from "@bearhug/core";
import { type CasClient, understood } from "./cas-client.ts";

/** Chunks `start` up to, not including, `end`. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

export interface RecipeTerm {
  readonly xorb: string;
  readonly chunks: ChunkRange;
  /** Bytes of content. */
  readonly size: number;
}

/** Bytes of a xorb that come with one request. */
export interface FetchPart {
  readonly chunks: ChunkRange;
  /** End inclusive, as in a Range header. */
  readonly bytes: { readonly start: number; readonly end: number };
}

/** One address; all its parts have to be asked for at once, because the address is signed for exactly them. */
export interface FetchEntry {
  readonly xorb: string;
  readonly url: string;
  readonly parts: readonly FetchPart[];
}

export interface Recipe {
  /** Content bytes before the first one that was asked for. */
  readonly offset: number;
  readonly terms: readonly RecipeTerm[];
  readonly entries: readonly FetchEntry[];
}

/** Content bytes, end exclusive. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The recipe of a part of a file; `undefined` when the part begins at or after the end.
 *
 * Asks for the second version of recipes and, where the storage does not know it, for the first.
 */
export async function fetchRecipe(
  cas: CasClient,
  hash: string,
  range: FileRange,
): Promise<Recipe | undefined> {
  const action = `read the recipe of Xet file "${hash}"`;
  const headers = { range: `bytes=${range.start}-${range.end - 1}` };
  const ask = (version: "v1" | "v2", accept: readonly number[]): Promise<Answer> =>
    cas.send(
      { path: `/${version}/reconstructions/${hash}`, action, headers, accept },
      async (response) => ({ status: response.status, text: await response.text() }),
    );
  const second = await ask("v2", [404, 416, 501]);
  if (second.status === 416) return undefined;
  if (second.status < 300) return understood(action, () => parseRecipe(second.text, entriesV2));
  const first = await ask("v1", [416]);
  if (first.status === 416) return undefined;
  return understood(action, () => parseRecipe(first.text, entriesV1));
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

type EntriesParser = (recipe: Readonly<Record<string, unknown>>) => readonly FetchEntry[];

function parseRecipe(text: string, entriesOf: EntriesParser): Recipe {
  const recipe = parseObject(JSON.parse(text), "recipe");
  return {
    offset: parseInteger(recipe["offset_into_first_range"], "offset_into_first_range", { min: 0 }),
    terms: parseArray(recipe["terms"], "terms").map((term, index) => {
      const path = `terms[${index}]`;
      const { hash, range, unpacked_length } = parseObject(term, path);
      return {
        xorb: parseString(hash, `${path}.hash`),
        chunks: parseInterval(range, `${path}.range`),
        size: parseInteger(unpacked_length, `${path}.unpacked_length`, { min: 0 }),
      };
    }),
    entries: entriesOf(recipe),
  };
}

function entriesV2(recipe: Readonly<Record<string, unknown>>): readonly FetchEntry[] {
  return perXorb(recipe["xorbs"], "xorbs", (xorb, entry, path) => ({
    xorb,
    url: parseString(entry["url"], `${path}.url`),
    parts: parseArray(entry["ranges"], `${path}.ranges`).map((part, index) => {
      const at = `${path}.ranges[${index}]`;
      const { chunks, bytes } = parseObject(part, at);
      return {
        chunks: parseInterval(chunks, `${at}.chunks`),
        bytes: parseInterval(bytes, `${at}.bytes`),
      };
    }),
  }));
}

function entriesV1(recipe: Readonly<Record<string, unknown>>): readonly FetchEntry[] {
  return perXorb(recipe["fetch_info"], "fetch_info", (xorb, entry, path) => ({
    xorb,
    url: parseString(entry["url"], `${path}.url`),
    parts: [
      {
        chunks: parseInterval(entry["range"], `${path}.range`),
        bytes: parseInterval(entry["url_range"], `${path}.url_range`),
      },
    ],
  }));
}

function perXorb(
  value: unknown,
  path: string,
  parse: (xorb: string, entry: Readonly<Record<string, unknown>>, path: string) => FetchEntry,
): readonly FetchEntry[] {
  return Object.entries(parseObject(value, path)).flatMap(([xorb, entries]) =>
    parseArray(entries, `${path}.${xorb}`).map((entry, index) => {
      const at = `${path}.${xorb}[${index}]`;
      return parse(xorb, parseObject(entry, at), at);
    }),
  );
}

function parseInterval(value: unknown, path: string): { start: number; end: number } {
  const { start, end } = parseObject(value, path);
  const from = parseInteger(start, `${path}.start`, { min: 0 });
  return { start: from, end: parseInteger(end, `${path}.end`, { min: from }) };
}
