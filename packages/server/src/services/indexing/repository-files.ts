import { concatBytes, isObject } from "@bearhug/core";
import type { TreeEntry } from "../../store/repositories/repository-store.ts";
import type { ContentService, OpenRepo } from "../services.ts";

export type FileEntry = Extract<TreeEntry, { type: "file" }>;

/** The files of one commit, for those who derive metadata from them. */
export interface RepositoryFiles {
  readonly files: readonly FileEntry[];
  has(path: string): boolean;
  /** Bytes [start, end) of a file; `undefined` when there is no such file or its content is missing. */
  read(path: string, range: { start: number; end: number }): Promise<Uint8Array | undefined>;
  /** A whole file as text; `undefined` also when it is larger than `maxBytes`. */
  text(path: string, maxBytes?: number): Promise<string | undefined>;
  /** A JSON object; `undefined` for anything else. */
  json(path: string, maxBytes?: number): Promise<Readonly<Record<string, unknown>> | undefined>;
}

const MAX_TEXT_BYTES = 4 * 1024 * 1024;

export async function openFiles(
  repo: OpenRepo,
  commit: string,
  content: ContentService,
): Promise<RepositoryFiles> {
  const entries = (await repo.git.listTree(commit, "", { recursive: true })) ?? [];
  const files = entries.filter((entry): entry is FileEntry => entry.type === "file");
  const byPath = new Map(files.map((file) => [file.path, file]));
  const read: RepositoryFiles["read"] = async (path, range) => {
    const entry = byPath.get(path);
    if (!entry) return undefined;
    const end = Math.min(range.end, entry.size);
    if (end <= range.start) return new Uint8Array();
    try {
      return await collect(content.stream(repo, entry, { start: range.start, end }));
    } catch {
      // Content that is missing or damaged leaves a gap in the metadata; it must not hide the repository.
      return undefined;
    }
  };
  const text: RepositoryFiles["text"] = async (path, maxBytes = MAX_TEXT_BYTES) => {
    const entry = byPath.get(path);
    if (!entry || entry.size > maxBytes) return undefined;
    const bytes = await read(path, { start: 0, end: entry.size });
    return bytes && new TextDecoder().decode(bytes);
  };
  const json: RepositoryFiles["json"] = async (path, maxBytes) =>
    parseJsonObject(await text(path, maxBytes));
  return { files, has: (path) => byPath.has(path), read, text, json };
}

/** The object that `text` holds as JSON, or `undefined`. */
export function parseJsonObject(
  text: string | undefined,
): Readonly<Record<string, unknown>> | undefined {
  try {
    if (text === undefined || isDeep(text)) return undefined;
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Deeper than any real file's; parsing does not mind, but writing and showing the value would recurse. */
const MAX_DEPTH = 500;

function isDeep(json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatBytes(parts);
}
