import type { JsonObject } from "@bearhug/core";
import {
  type AddedToken,
  parseTokenizerBytes,
  Tokenizer,
  type TokenizerDefinition,
  TokenizerFormatError,
} from "@bearhug/tokenizers";
import { PretrainedFileMissingError } from "../errors.ts";
import type { PretrainedFiles } from "../pretrained-files.ts";
import { addedTokenIds, completeAddedTokens } from "./added-tokens.ts";
import { TokenizerConfigError } from "./errors.ts";
import {
  type Family,
  type FamilySettings,
  familySettings,
  type PostProcessor,
} from "./families/family.ts";
import { chooseClass, familyOf } from "./families/registry.ts";
import { PretrainedTokenizer } from "./pretrained-tokenizer.ts";
import {
  allSpecialTokens,
  SPECIAL_TOKEN_NAMES,
  type SpecialTokenName,
  type SpecialTokens,
  specialToken,
} from "./special-tokens.ts";
import {
  mergeConfigFiles,
  parseTokenizerConfig,
  type TokenizerConfig,
  type TokenizerDefaults,
} from "./tokenizer-config.ts";
import { checked, readBytes, readSideFiles, type SideFiles } from "./tokenizer-files.ts";
import { settingsToFields, type TokenizerOptions } from "./tokenizer-options.ts";
import { type ReadVocabulary, readVocabularyFiles } from "./vocabulary-files.ts";

/**
 * Reads a tokenizer from a model's files: tokenizer.json, or else the vocabulary files of older classes.
 *
 * Source: transformers 5.23, `AutoTokenizer` and `TokenizersBackend`: which class counts, what it sets over
 * tokenizer.json, which tokens are added and how rows begin and end.
 */
export async function loadTokenizer(
  files: PretrainedFiles,
  options: TokenizerOptions = {},
): Promise<PretrainedTokenizer> {
  options.signal?.throwIfAborted();
  const [side, json] = await Promise.all([
    readSideFiles(files),
    options.ggufFile === undefined ? readBytes(files, "tokenizer.json") : undefined,
  ]);
  options.signal?.throwIfAborted();
  const className = classNameOf(side, json, options);
  const isFromJson = json !== undefined;
  const source = isFromJson
    ? { definition: parseTokenizerBytes(json), className }
    : await readOther(files, side, { className, options });
  return checked(files.id, () => build({ ...source, side, options, isFromJson }));
}

function classNameOf(
  { config, modelConfig }: SideFiles,
  json: Uint8Array | undefined,
  options: TokenizerOptions,
): string {
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return chooseClass({
    named:
      options.tokenizerClass ??
      text(config["tokenizer_class"]) ??
      text(modelConfig["tokenizer_class"]),
    modelType: options.tokenizerClass ? undefined : text(modelConfig["model_type"]),
    isByteLevel:
      json !== undefined &&
      Buffer.from(json.buffer, json.byteOffset, json.length).includes('"ByteLevel"'),
  });
}

async function readOther(
  files: PretrainedFiles,
  side: SideFiles,
  { className, options }: { readonly className: string; readonly options: TokenizerOptions },
): Promise<ReadVocabulary> {
  const config = { ...side.specialTokensMap, ...side.config, ...settingsToFields(options) };
  const { ggufFile, signal } = options;
  try {
    const found = await readVocabularyFiles(files, { config, className, ggufFile, signal });
    if (found) return found;
  } catch (error) {
    if (error instanceof TokenizerFormatError) throw new TokenizerConfigError(files.id, error);
    throw error;
  }
  throw new PretrainedFileMissingError(files.id, ggufFile ?? "tokenizer.json");
}

interface Sources extends ReadVocabulary {
  readonly side: SideFiles;
  readonly options: TokenizerOptions;
  readonly isFromJson: boolean;
}

function build({ definition, side, className, options, isFromJson }: Sources): PretrainedTokenizer {
  const family = familyOf(className);
  const overrides = settingsToFields(options);
  const merged = mergeConfigFiles({
    config: isFromJson ? withoutRowFlags(side.config) : side.config,
    specialTokensMap: side.specialTokensMap,
    addedTokens: side.addedTokens,
    overrides,
    tokenizerTokens: addedTokenIds(definition).tokens,
  });
  const own = "chat_template" in overrides ? {} : side.chatTemplates;
  const defaults = defaultsOf(family, definition);
  const parsed = parseTokenizerConfig(merged, defaults, own);
  const isBare =
    Object.keys({ ...side.config, ...side.specialTokensMap, ...side.modelConfig }).length === 0;
  const config = isBare ? withUsualTokens(parsed, definition) : parsed;
  const tokens = {
    wanted: merged.addedTokens,
    special: config.specialTokens,
  };
  const rebuilt = rebuild(definition, { family, config, isFromJson });
  const addedTokens = completeAddedTokens(rebuilt.addedTokens ?? [], tokens);
  const complete = { ...rebuilt, addedTokens };
  const { idOf } = addedTokenIds(complete);
  const settings = familySettings(config, definition, (token) => {
    const id = idOf(token);
    if (token === "") throw new TypeError(`${className} needs more special tokens than are named`);
    if (id === undefined) throw new TypeError(`the vocabulary has no token "${token}"`);
    return id;
  });
  const tokenizer = new Tokenizer({
    ...complete,
    postProcessor: postProcessorOf(complete, family, settings),
    encodeSpecialTokens: config.splitSpecialTokens,
    truncation: undefined,
    padding: undefined,
  });
  return new PretrainedTokenizer(tokenizer, config, {
    className,
    endOfWordSuffix: family.endOfWordSuffix,
  });
}

/** The names that special tokens usually have. */
const USUAL_TOKENS: Readonly<Record<SpecialTokenName, readonly string[]>> = {
  bos: ["<s>"],
  eos: ["</s>"],
  unk: ["[UNK]", "<unk>"],
  sep: ["[SEP]", "</s>"],
  pad: ["[PAD]", "<pad>"],
  cls: ["[CLS]", "<s>"],
  mask: ["[MASK]", "<mask>"],
};

/** Where no file and no class could name special tokens: those of the vocabulary that have a usual name. */
function withUsualTokens(
  config: TokenizerConfig,
  { addedTokens = [] }: TokenizerDefinition,
): TokenizerConfig {
  const { specialTokens } = config;
  if (allSpecialTokens(specialTokens).length > 0) return config;
  const special = addedTokens.filter((token) => token.special);
  const named = SPECIAL_TOKEN_NAMES.flatMap((name) => {
    const found = special.find(({ content }) => USUAL_TOKENS[name].includes(content));
    return found ? [[name, found] as const] : [];
  });
  return { ...config, specialTokens: { ...specialTokens, named: Object.fromEntries(named) } };
}

/** tokenizer.json has these in its template already; only the caller may ask anew. */
function withoutRowFlags(config: JsonObject): JsonObject {
  const { add_bos_token: _bos, add_eos_token: _eos, ...rest } = config;
  return rest;
}

/** What counts where the config is silent: tokenizer.json's truncation and padding, then the class. */
function defaultsOf(
  family: Family,
  { truncation, padding }: TokenizerDefinition,
): TokenizerDefaults {
  const specialTokens: Partial<Record<SpecialTokenName, AddedToken>> = {};
  if (padding?.token !== undefined) specialTokens.pad = specialToken(padding.token);
  for (const [name, token] of Object.entries(family.specialTokens)) {
    // Its keys are these names.
    specialTokens[name as SpecialTokenName] ??=
      typeof token === "string" ? specialToken(token) : token;
  }
  return {
    specialTokens,
    extraSpecialTokens: family.extraSpecialTokens?.map((token) => specialToken(token)),
    modelTokens: family.modelTokens ?? {},
    modelInputNames: family.modelInputNames ?? ["input_ids", "attention_mask"],
    paddingSide: padding?.direction ?? family.paddingSide ?? "right",
    truncationSide: truncation?.direction ?? "right",
  };
}

/** The class's own parts around the file's vocabulary, when there are such and they fit its model. */
function rebuild(
  definition: TokenizerDefinition,
  from: { readonly family: Family; readonly config: TokenizerConfig; readonly isFromJson: boolean },
): TokenizerDefinition {
  const { family, config, isFromJson } = from;
  if (!isFromJson || !family.pipeline) return definition;
  const pipeline = family.pipeline(familySettings(config, definition));
  if (pipeline.model.type !== definition.model.type) return definition;
  // Model settings of one type over a model of that type, as just compared.
  const model = { ...definition.model, ...pipeline.model } as TokenizerDefinition["model"];
  return { ...definition, ...pipeline, model, addedTokens: [] };
}

function postProcessorOf(
  { postProcessor }: TokenizerDefinition,
  family: Family,
  settings: FamilySettings,
): PostProcessor | undefined {
  const own = family.postProcessor;
  const isDue =
    family.rowsCount === undefined ||
    (family.rowsCount === "when-file-has-some") === Boolean(postProcessor);
  if (own && isDue) return own(settings);
  const addBos = settings.flag("add_bos_token", undefined);
  const addEos = settings.flag("add_eos_token", undefined);
  if (postProcessor && addBos === undefined && addEos === undefined) return postProcessor;
  return beginAndEnd(settings.specialTokens, settings, {
    bos: addBos ?? false,
    eos: addEos ?? false,
  });
}

/** `[bos] A [eos]`, and the same again for the second text of a pair, with type 1; nothing when neither is added. */
function beginAndEnd(
  { named }: SpecialTokens,
  settings: FamilySettings,
  adds: { readonly bos: boolean; readonly eos: boolean },
): PostProcessor | undefined {
  const special = (name: "bos" | "eos", typeId: number): PostProcessor["single"] => {
    const token = named[name]?.content;
    if (!adds[name] || token === undefined) return [];
    return [{ type: "special", token, id: settings.tokenId(token), typeId }];
  };
  const row = (sequence: 0 | 1): PostProcessor["single"] => [
    ...special("bos", sequence),
    { type: "sequence", sequence, typeId: sequence },
    ...special("eos", sequence),
  ];
  if (row(0).length === 1) return undefined;
  return { single: row(0), pair: [...row(0), ...row(1)], trims: [] };
}
