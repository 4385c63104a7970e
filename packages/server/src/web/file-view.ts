/** Decides how a file is shown, and reads just what showing it needs. */
import {
  messageOf,
  parseHeader,
  readHeaderLength,
  SafetensorsError,
  type SafetensorsHeader,
} from "@bearhug/core";
import type { OpenRepo } from "../services/services.ts";
import { collect, type FileEntry, type RepoView, readFile } from "./loaded-repo.ts";
import { highlightLines, languageOf } from "./markdown/highlight.ts";
import { renderFile } from "./rendered-file.ts";
import { encodePath, repoPath } from "./repo-url.ts";
import type { WebContext } from "./web-context.ts";

export type FileView =
  | { readonly type: "markdown"; readonly html: string; readonly isCut: boolean }
  | {
      readonly type: "text";
      readonly text: string;
      /** Escaped, highlighted HTML of each line. */
      readonly lines: readonly string[];
      readonly isMarkdown: boolean;
    }
  | { readonly type: "image" }
  | { readonly type: "audio" }
  | { readonly type: "video" }
  | { readonly type: "safetensors"; readonly header: SafetensorsHeader }
  | { readonly type: "none"; readonly reason: string };

const MAX_TEXT_BYTES = 512_000;
const MAX_TENSOR_HEADER_BYTES = 8_000_000;
const MARKDOWN = /\.(?:md|markdown)$/i;
const MEDIA: readonly (readonly ["image" | "audio" | "video", RegExp])[] = [
  ["image", /\.(?:png|jpe?g|gif|webp|avif|bmp|ico|svg)$/i],
  ["audio", /\.(?:wav|mp3|ogg|flac|m4a)$/i],
  ["video", /\.(?:mp4|webm|mov)$/i],
];

export async function readForView(
  web: WebContext,
  view: RepoView,
  file: { readonly entry: FileEntry; readonly asSource: boolean },
): Promise<FileView> {
  const { entry } = file;
  const media = MEDIA.find(([, pattern]) => pattern.test(entry.path));
  if (media !== undefined) return { type: media[0] };
  if (entry.path.endsWith(".safetensors")) return readTensors(web, view, entry);
  if (entry.size === 0) return { type: "none", reason: "This file is empty." };
  if (entry.size > MAX_TEXT_BYTES)
    return { type: "none", reason: "This file is too large to show." };
  const text = decode(await readFile(web, view, { entry, maxBytes: MAX_TEXT_BYTES }));
  if (text === undefined) return { type: "none", reason: "This file is not text." };
  const isMarkdown = MARKDOWN.test(entry.path);
  if (isMarkdown && !file.asSource) {
    const { html, isCut } = renderFile(web, view, { entry, text });
    return { type: "markdown", html, isCut };
  }
  return { type: "text", text, lines: highlightLines(text, languageOf(entry.path)), isMarkdown };
}

/** Only the header is read, however large the file is. */
async function readTensors(web: WebContext, repo: OpenRepo, entry: FileEntry): Promise<FileView> {
  const { content } = web.hub.services;
  const read = (start: number, end: number): Promise<Uint8Array> =>
    collect(content.stream(repo, entry, { start, end: Math.min(end, entry.size) }), end - start);
  try {
    const length = readHeaderLength(await read(0, 8));
    if (length > MAX_TENSOR_HEADER_BYTES) {
      return { type: "none", reason: "The header of this file is too large to show." };
    }
    const header = parseHeader(await read(8, 8 + length), entry.size);
    return { type: "safetensors", header };
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error;
    return { type: "none", reason: `Not a valid safetensors file: ${messageOf(error)}` };
  }
}

/** `undefined` for bytes that are no text. */
function decode(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8000).includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Where the bytes of a file are, for images and players. */
export function contentUrl(view: RepoView): string {
  const revision = encodeURIComponent(view.revision);
  return `${repoPath(view.summary)}/resolve/${revision}/${encodePath(view.path)}`;
}
