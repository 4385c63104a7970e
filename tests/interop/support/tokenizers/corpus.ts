// Real text for the comparison, in turns: every tokenizer sees every language, each time another part of it.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../paths.ts";
import type { Block } from "./call.ts";
import { blocksOf } from "./texts.ts";

/** Made by `node tools/corpus.mjs`. */
export const CORPUS: string = join(ROOT, ".assets", "parity", "corpus");

interface CorpusFile {
  readonly name: string;
  readonly language: string;
  readonly kind: "prose" | "code";
  readonly bytes: number;
}

export interface Corpus {
  readonly languages: readonly string[];
  readonly code: readonly string[];
  readonly bytes: number;
  /** Documents by the name of their language. */
  readonly documents: ReadonlyMap<string, readonly string[]>;
}

export const hasCorpus = (): boolean => existsSync(join(CORPUS, "corpus.json"));

export async function readCorpus(): Promise<Corpus> {
  const index = JSON.parse(await readFile(join(CORPUS, "corpus.json"), "utf8")) as {
    readonly bytes: number;
    readonly files: readonly CorpusFile[];
  };
  const documents = new Map<string, readonly string[]>();
  for (const { name, language } of index.files) {
    const lines = (await readFile(join(CORPUS, name), "utf8")).trimEnd().split("\n");
    documents.set(
      language,
      lines.map((line) => JSON.parse(line) as string),
    );
  }
  const named = (kind: string) =>
    index.files.filter((file) => file.kind === kind).map((file) => file.language);
  return { languages: named("prose"), code: named("code"), bytes: index.bytes, documents };
}

/** Everything, a document a block. */
export function allDocuments({ documents }: Corpus): readonly Block[] {
  return [...documents.values()].flat().map((document) => [document]);
}

/** Of every language a part of about `units` of UTF-16, another one for each `turn`. */
export function slices({ documents }: Corpus, turn: number, units: number): readonly string[] {
  return [...documents.values()].map((list) => {
    const document = list[(turn * 7919) % list.length] ?? "";
    const room = Math.max(0, document.length - units);
    const start = lineStart(document, room === 0 ? 0 : (turn * 104_729) % room);
    return document.slice(start, start + units);
  });
}

function lineStart(text: string, near: number): number {
  return near === 0 ? 0 : text.indexOf("\n", near) + 1;
}

/** Lines of those parts, short texts as a batch has them. */
export function sliceLines(parts: readonly string[], count: number): readonly string[] {
  const lines = parts.flatMap((part) =>
    part
      .split("\n")
      .filter((line) => line !== "")
      .slice(0, 8),
  );
  const step = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, i) => i % step === 0).slice(0, count);
}

export const lineBlocks = (lines: readonly string[]): readonly Block[] => blocksOf(lines, 64);
