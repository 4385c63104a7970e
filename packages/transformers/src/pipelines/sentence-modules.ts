import { readFile } from "node:fs/promises";
import {
  isObject,
  type JsonObject,
  optional,
  parseArray,
  parseInteger,
  parseJson,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import { ConfigError, UnsupportedModelError } from "../errors.ts";
import type { PretrainedFiles } from "../pretrained-files.ts";
import { POOLING_MODES, type PoolingMode } from "./pooling.ts";

/** How a repository of sentence-transformers makes one vector of a text. */
export interface SentenceModules {
  /** Several modes are laid side by side. */
  readonly pooling: readonly PoolingMode[];
  /** Whether vectors are scaled to length 1. */
  readonly normalize: boolean;
  /** Longest text in tokens; `undefined` leaves it to the model. */
  readonly maxSeqLength: number | undefined;
  /** Texts to put in front, by name. */
  readonly prompts: Readonly<Record<string, string>>;
  readonly defaultPromptName: string | undefined;
  readonly similarity: "cosine" | "dot" | "euclidean" | "manhattan";
}

const SIMILARITIES = ["cosine", "dot", "euclidean", "manhattan"] as const;

/**
 * Reads `modules.json` and the files it names; `undefined` for a repository that is not one of
 * sentence-transformers.
 *
 * @throws {UnsupportedModelError} for a module other than Transformer, Pooling and Normalize.
 * @throws {ConfigError} naming the field that is wrong.
 */
export async function readSentenceModules(
  files: PretrainedFiles,
): Promise<SentenceModules | undefined> {
  const list = await readJson(files, "modules.json");
  if (list === undefined) return undefined;
  const modules = checked(files, () => parseModules(list));
  const unknown = modules.find(({ kind }) => !KINDS.has(kind));
  if (unknown) {
    throw new UnsupportedModelError(
      files.id,
      `modules.json names ${unknown.kind}, which is not supported`,
      `Supported modules are ${[...KINDS].join(", ")}`,
    );
  }
  const folder = modules.find(({ kind }) => kind === "Pooling")?.path;
  const pooling = folder === undefined ? undefined : await readJson(files, `${folder}/config.json`);
  const transformer = await readJson(files, "sentence_bert_config.json");
  const settings = await readJson(files, "config_sentence_transformers.json");
  return checked(files, () => ({
    pooling: parsePooling(pooling),
    normalize: modules.some(({ kind }) => kind === "Normalize"),
    maxSeqLength: parseMaxSeqLength(transformer),
    ...parseSettings(settings),
  }));
}

const KINDS: ReadonlySet<string> = new Set(["Transformer", "Pooling", "Normalize"]);

async function readJson(files: PretrainedFiles, name: string): Promise<unknown> {
  const path = await files.find(name);
  if (!path) return undefined;
  const text = await readFile(path, "utf8");
  return checked(files, () => parseJson(text, name));
}

function checked<T>(files: PretrainedFiles, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const wrong =
      error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
    throw wrong ? new ConfigError(files.id, error) : error;
  }
}

interface SentenceModule {
  /** Last part of the reference's class name. */
  readonly kind: string;
  readonly path: string;
}

function parseModules(value: unknown): readonly SentenceModule[] {
  return parseArray(value, "modules").map((item, i) => {
    const fields = parseObject(item, `modules[${i}]`);
    const type = parseString(fields["type"], `modules[${i}].type`);
    const path = parseString(fields["path"], `modules[${i}].path`);
    return { kind: type.split(".").at(-1) ?? type, path };
  });
}

function parsePooling(value: unknown): readonly PoolingMode[] {
  const config = optional(value, "pooling", parseObject) ?? {};
  if (config["include_prompt"] === false) {
    throw new RangeError(
      "pooling.include_prompt must be true: leaving prompts out is not supported",
    );
  }
  const stated = config["pooling_mode"];
  if (stated !== undefined) {
    const list = Array.isArray(stated) ? stated : [stated];
    return list.map((mode) => parseOneOf(mode, "pooling.pooling_mode", POOLING_MODES));
  }
  const chosen = POOLING_MODES.filter((mode) => config[LEGACY_FLAGS[mode]] === true);
  return chosen.length > 0 ? chosen : ["mean"];
}

/** Older files have a flag for each mode. */
const LEGACY_FLAGS: Readonly<Record<PoolingMode, string>> = {
  cls: "pooling_mode_cls_token",
  max: "pooling_mode_max_tokens",
  mean: "pooling_mode_mean_tokens",
  mean_sqrt_len_tokens: "pooling_mode_mean_sqrt_len_tokens",
  weightedmean: "pooling_mode_weightedmean_tokens",
  lasttoken: "pooling_mode_lasttoken",
};

function parseMaxSeqLength(value: unknown): number | undefined {
  const config = optional(value, "sentence_bert_config", parseObject) ?? {};
  const path = "sentence_bert_config.max_seq_length";
  return optional(config["max_seq_length"], path, (length, at) =>
    parseInteger(length, at, { min: 1 }),
  );
}

function parseSettings(
  value: unknown,
): Pick<SentenceModules, "prompts" | "defaultPromptName" | "similarity"> {
  const path = "config_sentence_transformers";
  const settings = optional(value, path, parseObject) ?? {};
  const similarity = optional(
    settings["similarity_fn_name"],
    `${path}.similarity_fn_name`,
    (name, at) => parseOneOf(name, at, SIMILARITIES),
  );
  return {
    prompts: parsePrompts(settings["prompts"], `${path}.prompts`),
    defaultPromptName: optional(
      settings["default_prompt_name"],
      `${path}.default_prompt_name`,
      parseString,
    ),
    similarity: similarity ?? "cosine",
  };
}

function parsePrompts(value: unknown, path: string): Readonly<Record<string, string>> {
  const prompts: JsonObject = isObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(prompts).map(([name, text]) => [name, parseString(text, `${path}.${name}`)]),
  );
}
