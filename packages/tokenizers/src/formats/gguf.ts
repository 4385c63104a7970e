import type { RunOptions } from "@bearhug/core";
import { UnsupportedComponentError } from "../errors.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { assemble } from "./assemble.ts";
import { ClassConfig, converting } from "./conversion-options.ts";
import { GGUF_BUILDERS, sentencePieceBuilder } from "./gguf-builders.ts";
import { type GgufMetadata, type RangedFile, readGgufMetadata } from "./gguf-reader.ts";
import { parseGgufVocabulary } from "./gguf-vocabulary.ts";
import { readSpecialTokens, specialToken } from "./special-tokens.ts";

/**
 * The tokenizer in a GGUF file's metadata; weights are not read. Kinds: byte-level BPE ("gpt2"), SentencePiece BPE
 * ("llama", "gemma4"), unigram ("t5") and WordPiece ("bert").
 *
 * Source: ggml, "GGUF specification"; transformers 5 (fixtures/tokenizers/formats), and llama.cpp where that leaves
 * out what a file says: how its text is split, its `precompiled_charsmap`, `add_space_prefix` and WordPiece.
 *
 * @throws {TokenizerFormatError} naming the key that is cut off, missing or wrong.
 * @throws {UnsupportedComponentError} for a `tokenizer.ggml.model` or `tokenizer.ggml.pre` that is not known.
 *
 * @example
 * const tokenizer = new Tokenizer(await fromGguf(await openAsBlob("model.gguf")));
 */
export async function fromGguf(
  file: Uint8Array | Blob | RangedFile,
  { signal }: Pick<RunOptions, "signal"> = {},
): Promise<TokenizerDefinition> {
  const metadata = await readGgufMetadata(file, { signal, wants: isWanted });
  return converting(() => fromGgufMetadata(metadata));
}

function isWanted(key: string): boolean {
  return key === "general.architecture" || key.startsWith("tokenizer.ggml.");
}

function fromGgufMetadata(metadata: GgufMetadata): TokenizerDefinition {
  const vocabulary = parseGgufVocabulary(metadata);
  const builder =
    vocabulary.kind === "llama"
      ? sentencePieceBuilder(vocabulary.architecture)
      : GGUF_BUILDERS.get(vocabulary.kind);
  if (!builder) throw new UnsupportedComponentError("tokenizer.ggml.model", vocabulary.kind);
  const { addsBos, extra = [], specials: usual = {}, ...stages } = builder(vocabulary);
  const present = Object.entries(usual).filter(([, token]) => vocabulary.ids.has(token));
  const config = new ClassConfig({
    add_bos_token: vocabulary.addBos ?? addsBos ?? false,
    add_eos_token: vocabulary.addEos ?? false,
    ...Object.fromEntries(present.map(([name, token]) => [`${name}_token`, token])),
    ...vocabulary.named,
  });
  const specials = readSpecialTokens(config.fields, {});
  const cut = vocabulary.tokens.flatMap((token, id) => {
    const type = vocabulary.types[id];
    const isAdded = type === "control" || type === "user";
    return isAdded && token !== "" ? [specialToken(token, { special: type === "control" })] : [];
  });
  return assemble(
    { ...stages, file: "tokenizer.ggml.tokens", specials, extra: [...cut, ...extra] },
    config,
  );
}
