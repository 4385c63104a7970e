// Random files in the shapes that real ones have, for which there are fast ways: small vocabularies, all flags.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BYTE_CHARACTERS } from "@bearhug/tokenizers";
import { ROOT } from "../paths.ts";
import {
  addedTokens,
  bpe,
  byteTokens,
  CHARSMAP,
  type Chooser,
  characters,
  decoder,
  type Json,
  postProcessor,
} from "./pipelines.ts";

/** The patterns of known models: of all golden ones the long ones. */
const MODEL_PATTERNS: readonly string[] = JSON.parse(
  readFileSync(join(ROOT, "fixtures", "tokenizers", "patterns.json"), "utf8"),
)
  .cases.map((item: { readonly input: string }) => item.input)
  .filter((pattern: string) => pattern.length > 40);

export function randomShape(choose: Chooser): Json {
  const shape = choose.one([byteLevelShape, bertShape, metaspaceShape, sentencePieceShape])(choose);
  return {
    ...{ version: "1.0", truncation: null, padding: null },
    added_tokens: choose.flag(0.6) ? addedTokens(choose) : [],
    post_processor: choose.flag(0.5) ? postProcessor(choose, 0) : null,
    decoder: choose.flag(0.5) ? decoder(choose, 0) : null,
    ...shape,
  };
}

const sequence = (name: string, items: readonly Json[]): Json => ({
  type: "Sequence",
  [name]: items,
});
const replace = (pattern: Json, content: string): Json => ({ type: "Replace", pattern, content });

function byteLevelShape(choose: Chooser): Json {
  const form = { type: choose.one(["NFC", "NFKC", "NFD", "NFKD"]) };
  const split = (): Json => ({
    ...{ type: "Split", pattern: { Regex: choose.one(MODEL_PATTERNS) } },
    behavior: choose.one(["Isolated", "Isolated", "Isolated", "Removed", "MergedWithNext"]),
    invert: choose.flag(0.2),
  });
  const byteLevel = (usesRegex: boolean): Json => ({
    ...{ type: "ByteLevel", add_prefix_space: choose.flag(0.3) },
    ...{ trim_offsets: choose.flag(), use_regex: usesRegex },
  });
  const splits: Json[] = [
    { type: "Digits", individual_digits: choose.flag() },
    { type: "Split", pattern: { Regex: "\\p{N}{1,3}" }, behavior: "Isolated", invert: false },
    { type: "Split", pattern: { Regex: "[一-龥぀-ゟ゠-ヿ]+" }, behavior: "Isolated", invert: false },
    { type: "Punctuation", behavior: choose.one(["Isolated", "Contiguous"]) },
    split(),
  ];
  const preTokenizers: readonly Json[] = [
    byteLevel(true),
    sequence("pretokenizers", [split(), byteLevel(false)]),
    sequence("pretokenizers", [split(), byteLevel(false)]),
    sequence("pretokenizers", [choose.one(splits), byteLevel(true)]),
    sequence("pretokenizers", [
      choose.one(splits),
      choose.one(splits),
      choose.one(splits),
      byteLevel(false),
    ]),
  ];
  return {
    normalizer: choose.one([
      null,
      null,
      form,
      sequence("normalizers", []),
      sequence("normalizers", [form]),
    ]),
    pre_tokenizer: choose.one(preTokenizers),
    model: bpe(choose, BYTE_CHARACTERS, []),
  };
}

function bertShape(choose: Chooser): Json {
  const letters = characters(choose);
  const prefix = choose.one(["##", "##", ""]);
  const piece = () => choose.list(choose.integer(1, 5), () => choose.one(letters)).join("");
  const pieces = choose.list(150, piece).map((text) => (choose.flag() ? prefix + text : text));
  const words = [
    ...new Set(["[UNK]", ...letters, ...letters.map((letter) => prefix + letter), ...pieces]),
  ];
  return {
    normalizer: {
      ...{
        type: "BertNormalizer",
        clean_text: choose.flag(0.8),
        handle_chinese_chars: choose.flag(0.8),
      },
      ...{ strip_accents: choose.one([null, true, false]), lowercase: choose.flag() },
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    model: {
      ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: prefix },
      max_input_chars_per_word: choose.one([5, 100]),
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
    },
  };
}

function metaspace(choose: Chooser): Json {
  return {
    ...{ type: "Metaspace", replacement: "▁", split: choose.flag(0.8) },
    prepend_scheme: choose.one(["always", "first", "never"]),
  };
}

function metaspaceShape(choose: Chooser): Json {
  const precompiled = { type: "Precompiled", precompiled_charsmap: CHARSMAP };
  const spaces = replace({ Regex: " {2,}" }, choose.one([" ", "▁"]));
  const normalizers: readonly (Json | null)[] = [
    null,
    { type: "NFKC" },
    precompiled,
    sequence("normalizers", [
      precompiled,
      { type: "Strip", strip_left: choose.flag(), strip_right: true },
      spaces,
    ]),
    sequence("normalizers", [precompiled, spaces]),
    sequence("normalizers", [
      ...[replace({ String: "``" }, '"'), replace({ String: "''" }, '"')],
      ...[{ type: "NFKD" }, { type: "StripAccents" }, { type: "Lowercase" }, precompiled, spaces],
    ]),
  ];
  return {
    normalizer: choose.one(normalizers),
    pre_tokenizer: choose.one([
      metaspace(choose),
      metaspace(choose),
      sequence("pretokenizers", [{ type: "WhitespaceSplit" }, metaspace(choose)]),
    ]),
    model: unigram(choose),
  };
}

function unigram(choose: Chooser): Json {
  const letters = characters(choose);
  const piece = () =>
    (choose.flag(0.3) ? "▁" : "") +
    choose.list(choose.integer(1, 5), () => choose.one(letters)).join("");
  const pieces = new Set([
    ...choose.list(200, piece),
    "▁",
    "▁the",
    "the",
    "ing",
    ...letters.slice(0, choose.integer(20, 60)),
  ]);
  const scored = [...pieces].map((text) => [text, -choose.integer(1, 60) / 4]);
  const bytes = choose.flag() ? byteTokens(choose) : [];
  const vocab = [["<unk>", 0], ...scored, ...bytes.map((token) => [token, -20])];
  return { type: "Unigram", unk_id: 0, byte_fallback: choose.flag(), vocab };
}

function sentencePieceShape(choose: Chooser): Json {
  const marks = replace({ String: " " }, "▁");
  const merged = {
    type: "Split",
    pattern: { String: " " },
    behavior: "MergedWithPrevious",
    invert: false,
  };
  const letters = ["▁", ...characters(choose).filter((letter) => letter !== " " && letter !== "▁")];
  return {
    normalizer: choose.one([
      sequence("normalizers", [{ type: "Prepend", prepend: "▁" }, marks]),
      sequence("normalizers", [marks]),
      marks,
      null,
    ]),
    pre_tokenizer: choose.one([null, null, merged, metaspace(choose)]),
    model: bpe(choose, letters, byteTokens(choose)),
  };
}
