import { optional, parseBoolean } from "@bearhug/core";
import type { AddedToken, Direction, TokenizerDefinition } from "@bearhug/tokenizers";
import type { SpecialTokenName, SpecialTokens } from "../special-tokens.ts";
import type { TokenizerConfig } from "../tokenizer-config.ts";

export type Normalizer = NonNullable<TokenizerDefinition["normalizer"]>;
export type PreTokenizer = NonNullable<TokenizerDefinition["preTokenizer"]>;
export type Decoder = NonNullable<TokenizerDefinition["decoder"]>;
export type PostProcessor = NonNullable<TokenizerDefinition["postProcessor"]>;
type Model = TokenizerDefinition["model"];

/** What a tokenizer class of the reference sets, whatever tokenizer.json says. */
export interface Family {
  /** The special tokens where the files name none. */
  readonly specialTokens: Readonly<Partial<Record<SpecialTokenName, string | AddedToken>>>;
  readonly extraSpecialTokens?: readonly string[];
  /** Special tokens with names of the class's own, such as `prefix_token`, unless the files name them. */
  readonly modelTokens?: Readonly<Record<string, string>>;
  /** Default `["input_ids", "attention_mask"]`. */
  readonly modelInputNames?: readonly string[];
  /** Default right. */
  readonly paddingSide?: Direction;
  /** Default: the parts stay those of the file. */
  readonly pipeline?: (settings: FamilySettings) => Pipeline;
  /** Default: the file's, or beginning and end tokens as the settings say. */
  readonly postProcessor?: (settings: FamilySettings) => PostProcessor;
  /** Whether the class's rows count only when tokenizer.json has some too, or only when it has none. Default: always. */
  readonly rowsCount?: "when-file-has-some" | "when-file-has-none";
  /** Text that the decoder leaves and the class takes out. */
  readonly endOfWordSuffix?: string;
}

/** The parts of a tokenizer that its class sets; the vocabulary is the file's. */
export interface Pipeline {
  readonly model: ModelSettings;
  readonly normalizer: Normalizer | undefined;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly decoder: Decoder | undefined;
}

export type ModelSettings =
  | Pick<
      Extract<Model, { type: "WordPiece" }>,
      "type" | "unkToken" | "continuingSubwordPrefix" | "maxInputCharsPerWord"
    >
  | Omit<Extract<Model, { type: "BPE" }>, "vocabulary" | "merges">
  | Pick<Extract<Model, { type: "Unigram" }>, "type" | "unkId" | "byteFallback">;

/** What a class may ask when it sets its parts. */
export interface FamilySettings {
  readonly specialTokens: SpecialTokens;
  /** A field of tokenizer_config.json, or what the class takes when it is missing or `null`. */
  flag(name: string, otherwise: boolean): boolean;
  flag(name: string, otherwise: undefined): boolean | undefined;
  text(name: string, otherwise: string): string;
  /** The character map that tokenizer.json has. */
  readonly precompiled: Normalizer | undefined;
  /** Number of a piece of the vocabulary itself. */
  pieceId(piece: string): number | undefined;
  /** Number of any token, added ones included. */
  tokenId(token: string): number;
}

/** @param tokenId needed by post-processors alone. */
export function familySettings(
  { fields, specialTokens }: Pick<TokenizerConfig, "fields" | "specialTokens">,
  definition: TokenizerDefinition,
  tokenId: (token: string) => number = () => 0,
): FamilySettings {
  const flag = (name: string, otherwise: boolean | undefined) =>
    optional(fields[name], `tokenizer_config.${name}`, parseBoolean) ?? otherwise;
  return {
    specialTokens,
    // The implementation gives `otherwise` back, whatever its type.
    flag: flag as FamilySettings["flag"],
    text: (name, otherwise) => {
      const value = fields[name];
      return typeof value === "string" ? value : otherwise;
    },
    precompiled: findPrecompiled(definition.normalizer),
    pieceId: (piece) => definition.model.vocabulary.id(piece),
    tokenId,
  };
}

function findPrecompiled(normalizer: TokenizerDefinition["normalizer"]): Normalizer | undefined {
  const steps = normalizer?.type === "Sequence" ? normalizer.normalizers : [normalizer];
  return steps.find((step) => step?.type === "Precompiled");
}

/** Text of a special token; empty when there is none. */
export function textOf({ specialTokens }: FamilySettings, name: SpecialTokenName): string {
  return specialTokens.named[name]?.content ?? "";
}

/** A byte-level or word-suffix BPE, its switches off unless `more` says otherwise. */
export function bpe(more: Partial<Extract<ModelSettings, { type: "BPE" }>> = {}): ModelSettings {
  return {
    type: "BPE",
    unkToken: undefined,
    continuingSubwordPrefix: "",
    endOfWordSuffix: "",
    dropout: undefined,
    byteFallback: false,
    fuseUnk: false,
    ignoreMerges: false,
    ...more,
  };
}

export function unigram(unkId: number | undefined): ModelSettings {
  return { type: "Unigram", unkId, byteFallback: false };
}

/** Replaces each occurrence of a text, or of a pattern. */
export function replace(
  source: string,
  content: string,
  type: "String" | "Regex" = "String",
): Extract<Normalizer, { type: "Replace" }> {
  return { type: "Replace", pattern: { type, source }, content };
}

export function normalizers(...steps: readonly (Normalizer | false | undefined)[]): Normalizer {
  return {
    type: "Sequence",
    normalizers: steps.filter((step) => step !== false && step !== undefined),
  };
}

export function preTokenizers(...steps: readonly PreTokenizer[]): PreTokenizer {
  return { type: "Sequence", preTokenizers: steps };
}

export function decoders(...steps: readonly Decoder[]): Decoder {
  return { type: "Sequence", decoders: steps };
}

export function byteLevel(addPrefixSpace: boolean, useRegex = true): PreTokenizer {
  return { type: "ByteLevel", addPrefixSpace, useRegex };
}

export type PrependScheme = "always" | "first" | "never";

export function metaspace(prependScheme: PrependScheme, split = true): PreTokenizer {
  return { type: "Metaspace", replacement: "▁", prependScheme, split };
}

export function metaspaceDecoder(prependScheme: PrependScheme): Decoder {
  return { type: "Metaspace", replacement: "▁", keepsFirst: prependScheme === "never" };
}

/** Pieces of a template: `$A` and `$B` are the sequences, anything else is a special token; `type` is its type id. */
export interface TemplateItem {
  readonly item: string;
  readonly type: number;
}

export function at(type: number, ...items: readonly string[]): readonly TemplateItem[] {
  return items.map((item) => ({ item, type }));
}

export function template(
  settings: FamilySettings,
  single: readonly TemplateItem[],
  pair: readonly TemplateItem[],
): PostProcessor {
  const build = (items: readonly TemplateItem[]): PostProcessor["single"] =>
    items.map(({ item, type: typeId }) => {
      if (item === "$A") return { type: "sequence", sequence: 0, typeId };
      if (item === "$B") return { type: "sequence", sequence: 1, typeId };
      return { type: "special", token: item, id: settings.tokenId(item), typeId };
    });
  return { single: build(single), pair: build(pair), trims: [] };
}

/** `[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]` with type 1 from B on. */
export function bertTemplate(settings: FamilySettings, clsType = 0): PostProcessor {
  const cls = textOf(settings, "cls");
  const sep = textOf(settings, "sep");
  const single = [...at(clsType, cls), ...at(0, "$A", sep)];
  return template(settings, single, [...single, ...at(1, "$B", sep)]);
}

/** `<s> A </s>`, and `<s> A </s> </s> B </s>`, all of type 0. */
export function robertaTemplate(
  settings: FamilySettings,
  first: string,
  last: string,
): PostProcessor {
  return template(settings, at(0, first, "$A", last), at(0, first, "$A", last, last, "$B", last));
}
