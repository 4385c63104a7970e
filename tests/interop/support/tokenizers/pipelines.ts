// Random tokenizer.json files: every component, every flag, around small vocabularies made for them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "@bearhug/core";
import { BYTE_CHARACTERS } from "@bearhug/tokenizers";
import { ROOT } from "../paths.ts";
import { KINDS } from "./characters.ts";

export type Json = Readonly<Record<string, unknown>>;

const FIXTURES = join(ROOT, "fixtures", "tokenizers");
const readFixture = (name: string) => JSON.parse(readFileSync(join(FIXTURES, name), "utf8"));
export const CHARSMAP: string = readFixture("pipelines.json").charsmap;
/** Patterns that the reference's engine takes. */
const PATTERNS: readonly string[] = readFixture("patterns.json")
  .cases.filter((item: { readonly expected: unknown }) => typeof item.expected !== "string")
  .map((item: { readonly input: string }) => item.input);
/** None of these matches nothing: where text is inserted at its start, the reference doubles it in later steps, or panics. */
const SURE_PATTERNS = [
  "\\s+",
  "\\p{L}",
  "[[:punct:]]",
  "a+",
  "(?i:é)",
  "\\d{1,2}",
  "\\p{M}+",
  " {2,}",
  "😀",
  "[^a-z]",
  "\\n|\\r\\n",
  "(?<=\\s)\\w",
  "(?i:ss|ß)",
  "[\\p{Lu}\\p{Lt}]+",
  "\\p{N}{1,3}(?!\\p{N})",
  "'(?i:s|t|re)",
  "[^\\s]+$",
];
const STRINGS = [" ", "a", "  ", "é", "▁", "o w", "\n", "😀", ".", "[", "-", "aa", "\u0301"];

/** Choices by a seeded source. */
export class Chooser {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  flag(chance = 0.5): boolean {
    return this.#random.uniform() < chance;
  }

  /** From `low` to `high`, both of them possible. */
  integer(low: number, high: number): number {
    return low + this.#random.integer(high - low + 1);
  }

  one<T>(items: readonly T[]): T {
    const item = items[this.#random.integer(items.length)];
    if (item === undefined) throw new RangeError("Nothing to choose from");
    return item;
  }

  list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

/** One file. The reference may refuse it. */
export function randomPipeline(choose: Chooser): Json {
  const isByteLevel = choose.flag(0.3);
  const vocabulary = isByteLevel ? BYTE_CHARACTERS : characters(choose);
  return {
    version: "1.0",
    truncation: choose.flag(0.1) ? truncation(choose) : null,
    padding: choose.flag(0.1) ? padding(choose) : null,
    added_tokens: addedTokens(choose),
    normalizer: listOf(choose, "normalizers", () => normalizer(choose)),
    pre_tokenizer: isByteLevel
      ? {
          type: "Sequence",
          pretokenizers: [
            ...choose.list(choose.integer(0, 1), () => preTokenizer(choose)),
            byteLevel(choose),
          ],
        }
      : listOf(choose, "pretokenizers", () => preTokenizer(choose)),
    post_processor: choose.flag(0.6) ? postProcessor(choose, 0) : null,
    decoder: choose.flag(0.7) ? decoder(choose, 0) : null,
    model: model(choose, vocabulary),
  };
}

/** None, one by itself, or a Sequence, which may hold another. */
function listOf(choose: Chooser, name: string, make: () => Json): Json | null {
  const count = choose.integer(0, 4);
  if (count === 0) return null;
  const items = choose.list(count, make);
  if (count === 1 && choose.flag()) return items[0] ?? null;
  if (count < 4) return { type: "Sequence", [name]: items };
  return {
    type: "Sequence",
    [name]: [{ type: "Sequence", [name]: items.slice(0, 2) }, ...items.slice(2)],
  };
}

function normalizer(choose: Chooser): Json {
  const makers: readonly (() => Json)[] = [
    () => ({ type: choose.one(["NFC", "NFD", "NFKC", "NFKD"]) }),
    () => ({ type: choose.one(["Lowercase", "StripAccents", "Nmt", "ByteLevel"]) }),
    () => ({ type: "Strip", strip_left: choose.flag(), strip_right: choose.flag() }),
    () => ({
      type: "Replace",
      pattern: replaced(choose),
      content: choose.one(["", "_", "▁", "ab", "é😀", "$1", " "]),
    }),
    () => ({ type: "Prepend", prepend: choose.one(["▁", "ab", "😀 ", " "]) }),
    () => ({ type: "Precompiled", precompiled_charsmap: CHARSMAP }),
    () => ({
      type: "BertNormalizer",
      clean_text: choose.flag(),
      handle_chinese_chars: choose.flag(),
      strip_accents: choose.one([null, true, false]),
      lowercase: choose.flag(),
    }),
  ];
  return choose.one(makers)();
}

function replaced(choose: Chooser): Json {
  if (choose.flag(0.4)) return { String: choose.one(STRINGS) };
  return { Regex: choose.one(SURE_PATTERNS) };
}

const BEHAVIORS = ["Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"];

function byteLevel(choose: Chooser): Json {
  return {
    type: "ByteLevel",
    add_prefix_space: choose.flag(),
    trim_offsets: choose.flag(),
    use_regex: choose.flag(),
  };
}

function preTokenizer(choose: Chooser): Json {
  const split = (): Json => ({
    type: "Split",
    pattern: choose.flag(0.25) ? { String: choose.one(STRINGS) } : { Regex: choose.one(PATTERNS) },
    behavior: choose.one(BEHAVIORS),
    invert: choose.flag(),
  });
  const makers: readonly (() => Json)[] = [
    split,
    split,
    split,
    () => byteLevel(choose),
    () => ({
      type: choose.one(["Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts"]),
    }),
    () => ({
      type: "Metaspace",
      replacement: choose.one(["▁", "_", "😀"]),
      prepend_scheme: choose.one(["always", "first", "never"]),
      split: choose.flag(),
    }),
    () => ({ type: "Punctuation", behavior: choose.one(BEHAVIORS) }),
    () => ({ type: "Digits", individual_digits: choose.flag() }),
    () => ({ type: "CharDelimiterSplit", delimiter: choose.one([" ", "a", "-", "😀", "\n"]) }),
    () => ({ type: "FixedLength", length: choose.integer(1, 6) }),
  ];
  return choose.one(makers)();
}

/** Some single characters of every kind, and the usual ones. */
export function characters(choose: Chooser): readonly string[] {
  const single = KINDS.flat().filter(
    (text) => [...text].length === 1 && !/[\ud800-\udfff]/.test(text[0] ?? ""),
  );
  return [
    ...new Set([
      ..."abcdefghijklmnopqrstuvwxyzABC0123 .,'-_▁Ġ",
      ...choose.list(40, () => choose.one(single)),
      "😀",
    ]),
  ];
}

function model(choose: Chooser, alphabet: readonly string[]): Json {
  const kind = choose.one(["BPE", "BPE", "BPE", "Unigram", "Unigram", "WordPiece", "WordLevel"]);
  const bytes = choose.flag() ? byteTokens(choose) : [];
  if (kind === "BPE") return bpe(choose, alphabet, bytes);
  const piece = () =>
    choose.list(choose.integer(1, 5), () => choose.one(alphabet.slice(0, 50))).join("");
  const pieces = [
    ...new Set([...choose.list(120, piece), ...alphabet.slice(0, choose.integer(20, 80))]),
  ];
  if (kind === "Unigram") {
    const scored = pieces.map((text) => [text, -choose.integer(1, 40) / 4]);
    const unknown = choose.integer(0, 2);
    const vocab = [
      ["<unk>", 0],
      ["<s>", 0],
      ["</s>", -choose.integer(0, 2)],
      ...scored,
      ...bytes.map((token) => [token, 0]),
    ];
    if (choose.flag(0.3)) vocab.push(["a", -1.5]);
    return {
      type: "Unigram",
      unk_id: choose.flag(0.9) ? unknown : null,
      byte_fallback: choose.flag(),
      vocab,
    };
  }
  const prefix = choose.one(["", "a", "##", "é"]);
  const words = [
    ...new Set([
      "[UNK]",
      ...pieces,
      ...(kind === "WordPiece" ? pieces.map((text) => prefix + text) : []),
    ]),
  ];
  const vocab = numbered(words);
  const unknown = choose.flag(0.9) ? "[UNK]" : "absent";
  if (kind === "WordLevel") return { type: "WordLevel", vocab, unk_token: unknown };
  return {
    ...{ type: "WordPiece", vocab, unk_token: unknown, continuing_subword_prefix: prefix },
    max_input_chars_per_word: choose.one([3, 100]),
  };
}

export const numbered = (tokens: readonly string[]) =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));

export function byteTokens(choose: Chooser): readonly string[] {
  const all = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  return choose.flag(0.7) ? all : all.slice(0, 0xe3);
}

export function bpe(choose: Chooser, alphabet: readonly string[], bytes: readonly string[]): Json {
  const prefix = choose.one(["", "", "", "##"]);
  const suffix = choose.one(["", "", "", "</w>"]);
  const tokens = ["[UNK]", ...alphabet];
  if (prefix) tokens.push(...alphabet.map((letter) => prefix + letter));
  if (suffix) tokens.push(...tokens.slice(1).map((letter) => letter + suffix));
  const known = new Set(tokens);
  const merges = new Map<string, readonly [string, string]>();
  const likely = tokens.slice(1, 60);
  for (let i = choose.integer(0, 150); i > 0; i--) {
    const left = choose.one(choose.flag(0.7) ? likely : tokens.slice(1));
    const right = choose.one(choose.flag(0.7) ? likely : tokens.slice(1));
    if ((suffix && left.endsWith(suffix)) || (prefix && !right.startsWith(prefix))) continue;
    const joined = left + right.slice(prefix.length);
    if (joined.length > 12) continue;
    merges.set(`${left}\0${right}`, [left, right]);
    if (!known.has(joined)) {
      known.add(joined);
      tokens.push(joined);
      likely.push(joined);
    }
  }
  const pairs = [...merges.values()];
  const canBeLines = !pairs.some((pair) => pair.join("").includes(" "));
  return {
    ...{
      type: "BPE",
      dropout: null,
      unk_token: choose.one(["[UNK]", null]),
      fuse_unk: choose.flag(),
    },
    continuing_subword_prefix: prefix || choose.one(["", null]),
    end_of_word_suffix: suffix || choose.one(["", null]),
    ignore_merges: choose.flag(),
    // The bytes of a prefix or suffix count into the reference's offsets, which then point anywhere.
    byte_fallback: choose.flag() && !prefix && !suffix,
    vocab: numbered([...tokens, ...bytes.filter((token) => !known.has(token))]),
    merges: canBeLines && choose.flag() ? pairs.map((pair) => pair.join(" ")) : pairs,
  };
}

const ADDED = [
  "<s>",
  "</s>",
  "ab",
  "[X]",
  "é",
  " w",
  "WORD",
  "a",
  "😀",
  "中",
  "<s>x",
  "the",
  "\n",
  "  ",
  "ＡＢ",
  "ÀÉ",
  "x y",
  "'s",
  "▁",
  "0",
];

export function addedTokens(choose: Chooser): readonly Json[] {
  const contents = choose.list(choose.integer(0, 5), () => choose.one(ADDED));
  const flag = () => choose.flag(0.35);
  return [...new Set(contents)].map((content, id) => ({
    ...{ id, content, single_word: flag(), lstrip: flag() },
    ...{ rstrip: flag(), normalized: flag(), special: flag() },
  }));
}

export function postProcessor(choose: Chooser, depth: number): Json {
  const ends = () => ({ sep: ["</s>", choose.integer(0, 9)], cls: ["<s>", choose.integer(0, 9)] });
  const makers: readonly (() => Json)[] = [
    () => template(choose),
    () => template(choose),
    () => ({ type: "BertProcessing", ...ends() }),
    () => ({
      type: "RobertaProcessing",
      ...ends(),
      trim_offsets: choose.flag(),
      add_prefix_space: choose.flag(),
    }),
    () => byteLevel(choose),
  ];
  if (depth === 0 && choose.flag(0.2)) {
    const processors = choose.list(choose.integer(1, 2), () => postProcessor(choose, 1));
    return { type: "Sequence", processors };
  }
  return choose.one(makers)();
}

function template(choose: Chooser): Json {
  const special = () => ({
    SpecialToken: { id: choose.one(["<s>", "</s>", "<m>"]), type_id: choose.integer(0, 2) },
  });
  const sequence = (id: string) => ({ Sequence: { id, type_id: choose.integer(0, 2) } });
  const some = () => choose.list(choose.integer(0, 2), special);
  const names = ["<s>", "</s>", "<m>"];
  const tokens = names.map((id) => {
    const ids = choose.list(id === "<m>" ? 2 : 1, () => choose.integer(0, 9));
    return [id, { id, ids, tokens: ids.map((each) => `${id}${each}`) }];
  });
  return {
    type: "TemplateProcessing",
    single: [...some(), sequence("A"), ...some()],
    pair: [...some(), sequence("A"), ...some(), sequence("B"), ...some()],
    special_tokens: Object.fromEntries(tokens),
  };
}

export function decoder(choose: Chooser, depth: number): Json {
  const pattern = () =>
    choose.one([
      { String: "▁" },
      { String: "a" },
      { Regex: "\\s+" },
      { Regex: "x*" },
      { String: "" },
    ]);
  const makers: readonly (() => Json)[] = [
    () => byteLevel(choose),
    () => ({ type: "WordPiece", prefix: choose.one(["##", "", "a"]), cleanup: choose.flag() }),
    () => ({
      type: "Metaspace",
      replacement: choose.one(["▁", "_"]),
      prepend_scheme: choose.one(["always", "first", "never"]),
      split: choose.flag(),
    }),
    () => ({ type: "BPEDecoder", suffix: choose.one(["</w>", "a"]) }),
    () => ({
      type: "CTC",
      pad_token: choose.one(["<s>", "a"]),
      word_delimiter_token: choose.one(["|", "b"]),
      cleanup: choose.flag(),
    }),
    () => ({ type: "Replace", pattern: pattern(), content: choose.one([" ", "", "é"]) }),
    () => ({
      type: "Strip",
      content: choose.one([" ", "a", "▁"]),
      start: choose.integer(0, 2),
      stop: choose.integer(0, 1),
    }),
    () => ({ type: choose.one(["Fuse", "ByteFallback"]) }),
  ];
  if (depth === 0 && choose.flag(0.3)) {
    return {
      type: "Sequence",
      decoders: choose.list(choose.integer(1, 4), () => decoder(choose, 1)),
    };
  }
  return choose.one(makers)();
}

function truncation(choose: Chooser): Json {
  return {
    ...{ direction: choose.one(["Left", "Right"]), max_length: choose.integer(0, 20) },
    ...{
      strategy: choose.one(["LongestFirst", "OnlyFirst", "OnlySecond"]),
      stride: choose.integer(0, 3),
    },
  };
}

function padding(choose: Chooser): Json {
  return {
    strategy: choose.flag() ? "BatchLongest" : { Fixed: choose.integer(0, 30) },
    direction: choose.one(["Left", "Right"]),
    pad_to_multiple_of: choose.one([null, null, 8]),
    ...{ pad_id: choose.integer(0, 9), pad_type_id: choose.integer(0, 2), pad_token: "[PAD]" },
  };
}
