/** Fetches a tokenizer.json and says in words what is wrong with it. */
import { LibraryError } from "@bearhug/core";
import { Tokenizer } from "@bearhug/tokenizers";
import type { TokenizerFile } from "../components/tokenizer-playground.tsx";

export async function loadTokenizer(
  file: TokenizerFile,
  onProgress: (bytes: number) => void,
): Promise<Tokenizer> {
  const response = await fetch(file.url);
  if (response.status === 404) throw new Error(`There is no ${file.path} at this revision.`);
  if (!response.ok) throw new Error(`The server answered with status ${response.status}.`);
  const bytes = await readAll(response, onProgress);
  const tokenizer = Tokenizer.fromBytes(bytes);
  return tokenizer.with({ truncation: undefined, padding: undefined });
}

async function readAll(response: Response, onProgress: (bytes: number) => void) {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let total = 0;
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    parts.push(next.value);
    total += next.value.length;
    onProgress(total);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

export function problemOf(error: unknown): string {
  if (error instanceof LibraryError && error.hint) return `${error.message}. ${error.hint}.`;
  return error instanceof Error ? error.message : String(error);
}
