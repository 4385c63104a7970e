import { openAsBlob } from "node:fs";
import type { JsonObject } from "@bearhug/core";
import {
  fromGguf,
  fromSentencePiece,
  fromTekken,
  fromTiktoken,
  fromVocabAndMerges,
  fromVocabTxt,
  type TokenizerDefinition,
} from "@bearhug/tokenizers";
import type { PretrainedFiles } from "../pretrained-files.ts";
import { readBytes, readText } from "./tokenizer-files.ts";

/** What the conversions have to know. */
export interface VocabularyOptions {
  /** Fields of the small files, in their spelling. */
  readonly config: JsonObject;
  /** The tokenizer class that counts. */
  readonly className: string;
  readonly ggufFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A tokenizer, and the class whose parts it has. */
export interface ReadVocabulary {
  readonly definition: TokenizerDefinition;
  readonly className: string;
}

interface ReaderOptions {
  readonly config: JsonObject;
  readonly tokenizerClass?: string | undefined;
}

interface Reader {
  /** The class that counts when nobody names one. */
  readonly otherwise: string;
  read(files: PretrainedFiles, options: ReaderOptions): Promise<TokenizerDefinition | undefined>;
}

/** A class that says nothing about the pipeline. */
const PLAIN = "TokenizersBackend";

/**
 * A tokenizer from the files that came before tokenizer.json, or from a GGUF file; `undefined` when there are none.
 * Where a repository has several, the first of this order counts: tekken.json, SentencePiece, tiktoken, vocab.json
 * with merges.txt, vocab.txt.
 */
export async function readVocabularyFiles(
  files: PretrainedFiles,
  { config, className, ggufFile, signal }: VocabularyOptions,
): Promise<ReadVocabulary | undefined> {
  if (ggufFile !== undefined) {
    const file = await openAsBlob(await files.require(ggufFile));
    return { definition: await fromGguf(file, { signal }), className: PLAIN };
  }
  const tokenizerClass = className === PLAIN ? undefined : className;
  for (const { read, otherwise } of READERS) {
    signal?.throwIfAborted();
    const definition = await read(files, { config, tokenizerClass });
    if (definition) return { definition, className: tokenizerClass ?? otherwise };
  }
  return undefined;
}

const tekken: Reader = {
  otherwise: PLAIN,
  read: async (files, options) => {
    const json = await readText(files, "tekken.json");
    return json === undefined ? undefined : fromTekken(json, options);
  },
};

const sentencePiece: Reader = {
  otherwise: PLAIN,
  read: async (files, options) => {
    for (const name of ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"]) {
      const bytes = await readBytes(files, name);
      if (!bytes) continue;
      return isTiktoken(bytes) ? fromTiktoken(bytes, options) : fromSentencePiece(bytes, options);
    }
    return undefined;
  },
};

/** Lines of base64, a space and a number, where SentencePiece's files are binary: Llama 3 uses the same name. */
function isTiktoken(bytes: Uint8Array): boolean {
  const line = new TextDecoder("latin1").decode(bytes.subarray(0, 200)).split("\n", 1)[0] ?? "";
  return /^[A-Za-z0-9+/]+={0,2} \d+\r?$/u.test(line);
}

const tiktoken: Reader = {
  otherwise: PLAIN,
  read: async (files, options) => {
    const names = await files.list("");
    const name = names.find((file) => file.endsWith(".tiktoken") || file === "tiktoken.model");
    const bytes = name === undefined ? undefined : await readBytes(files, name);
    return bytes && fromTiktoken(bytes, options);
  },
};

const vocabAndMerges: Reader = {
  otherwise: "GPT2Tokenizer",
  read: async (files, options) => {
    const [vocab, merges] = await Promise.all([
      readText(files, "vocab.json"),
      readText(files, "merges.txt"),
    ]);
    if (vocab === undefined || merges === undefined) return undefined;
    return fromVocabAndMerges({ vocab, merges }, options);
  },
};

const vocabTxt: Reader = {
  otherwise: "BertTokenizer",
  read: async (files, options) => {
    const text = await readText(files, "vocab.txt");
    return text === undefined ? undefined : fromVocabTxt(text, options);
  },
};

const READERS: readonly Reader[] = [tekken, sentencePiece, tiktoken, vocabAndMerges, vocabTxt];
