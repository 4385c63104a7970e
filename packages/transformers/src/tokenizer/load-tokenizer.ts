import { readFile } from "node:fs/promises";
import { type JsonObject, parseJson, parseObject } from "@bearhug/core";
import { parseTokenizer, Tokenizer, type TokenizerDefinition } from "@bearhug/tokenizers";
import { PretrainedFileMissingError } from "../errors.ts";
import type { PretrainedFiles } from "../pretrained-files.ts";
import { PretrainedTokenizer } from "./pretrained-tokenizer.ts";
import { bertFromVocabulary } from "./slow-bert.ts";
import {
  parseTokenizerConfig,
  SPECIAL_TOKEN_NAMES,
  type TokenizerConfig,
} from "./tokenizer-config.ts";
import { TokenizerConfigError } from "./tokenizer-config-error.ts";

/** Reads a tokenizer from a model's files: tokenizer.json, or BERT's older vocab.txt. */
export async function loadTokenizer(files: PretrainedFiles): Promise<PretrainedTokenizer> {
  const config = await readConfig(files);
  const definition = await readDefinition(files, config);
  const tokenizer = new Tokenizer({
    ...withConfiguredNormalizer(definition, config),
    addedTokens: allAddedTokens(definition, config),
  });
  return new PretrainedTokenizer(tokenizer, withInferredTokens(config, tokenizer));
}

async function readConfig(files: PretrainedFiles): Promise<TokenizerConfig> {
  const config = await readObject(files, "tokenizer_config.json");
  const map = await readObject(files, "special_tokens_map.json");
  return checked(files, () => parseTokenizerConfig(config, map));
}

async function readDefinition(
  files: PretrainedFiles,
  config: TokenizerConfig,
): Promise<TokenizerDefinition> {
  const path = await files.find("tokenizer.json");
  if (path) return parseTokenizer(await readFile(path, "utf8"));
  const vocabulary = await files.find("vocab.txt");
  if (!vocabulary) throw new PretrainedFileMissingError(files.id, "tokenizer.json");
  const text = await readFile(vocabulary, "utf8");
  return checked(files, () => bertFromVocabulary(text, config));
}

async function readObject(files: PretrainedFiles, name: string): Promise<JsonObject> {
  const path = await files.find(name);
  if (!path) return {};
  const text = await readFile(path, "utf8");
  return checked(files, () => parseObject(parseJson(text, name), name));
}

function checked<T>(files: PretrainedFiles, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw new TokenizerConfigError(files.id, error);
    }
    throw error;
  }
}

/** The flags of tokenizer_config.json win over the normalizer in tokenizer.json, as in the reference. */
function withConfiguredNormalizer(
  definition: TokenizerDefinition,
  config: TokenizerConfig,
): TokenizerDefinition {
  const { normalizer } = definition;
  if (normalizer?.type !== "BertNormalizer") return definition;
  return {
    ...definition,
    normalizer: {
      ...normalizer,
      lowercase: config.doLowerCase ?? normalizer.lowercase,
      stripAccents: config.stripAccents ?? normalizer.stripAccents,
      handleChineseChars: config.tokenizeChineseChars ?? normalizer.handleChineseChars,
    },
  };
}

function allAddedTokens(
  { addedTokens = [] }: TokenizerDefinition,
  config: TokenizerConfig,
): TokenizerDefinition["addedTokens"] {
  const tokens = new Map(addedTokens.map((token) => [token.content, token]));
  const named = SPECIAL_TOKEN_NAMES.flatMap((name) => config.specialTokens[name] ?? []);
  for (const token of [...config.addedTokens, ...named, ...config.extraSpecialTokens]) {
    if (!tokens.has(token.content)) tokens.set(token.content, token);
  }
  return [...tokens.values()];
}

/** The names that BERT's and RoBERTa's special tokens usually have. */
const USUAL_TOKENS = {
  bos: ["<s>"],
  eos: ["</s>"],
  unk: ["[UNK]", "<unk>"],
  sep: ["[SEP]", "</s>"],
  pad: ["[PAD]", "<pad>"],
  cls: ["[CLS]", "<s>"],
  mask: ["[MASK]", "<mask>"],
} as const;

/** Where no file names the special tokens, those of the vocabulary that have a usual name. */
function withInferredTokens(config: TokenizerConfig, tokenizer: Tokenizer): TokenizerConfig {
  if (Object.keys(config.specialTokens).length > 0) return config;
  const special = tokenizer.addedTokens.filter((token) => token.special);
  const specialTokens = Object.fromEntries(
    SPECIAL_TOKEN_NAMES.flatMap((name) => {
      const usual: readonly string[] = USUAL_TOKENS[name];
      const found = special.find((token) => usual.includes(token.content));
      return found ? [[name, found]] : [];
    }),
  );
  return { ...config, specialTokens };
}
