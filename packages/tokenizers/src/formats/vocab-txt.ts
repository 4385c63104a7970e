import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { Vocabulary } from "../models/vocabulary.ts";
import type { TokenizerDefinition } from "../schema.ts";
import { isWhitespace } from "../unicode/set.ts";
import { assemble, type Rows } from "./assemble.ts";
import { ClassConfig, type ConversionOptions, classOf, converting } from "./conversion-options.ts";
import { readSpecialTokens, type SpecialDefaults, specialToken } from "./special-tokens.ts";

interface WordPieceClass {
  readonly specials: SpecialDefaults;
  readonly rows: Rows;
}

const BERT: WordPieceClass = {
  specials: { unk: "[UNK]", sep: "[SEP]", pad: "[PAD]", cls: "[CLS]", mask: "[MASK]" },
  rows: { single: "cls A sep", pair: "cls A sep B:1 sep:1" },
};

const FUNNEL: WordPieceClass = {
  specials: {
    bos: "<s>",
    eos: "</s>",
    unk: "<unk>",
    sep: "<sep>",
    pad: "<pad>",
    cls: "<cls>",
    mask: "<mask>",
  },
  rows: { single: "cls:2 A sep", pair: "cls:2 A sep B:1 sep:1" },
};

const MPNET: WordPieceClass = {
  specials: {
    bos: "<s>",
    eos: "</s>",
    unk: "[UNK]",
    sep: "</s>",
    pad: "<pad>",
    cls: "<s>",
    mask: specialToken("<mask>", { lstrip: true }),
  },
  rows: {
    single: "cls A sep",
    pair: "cls A sep sep B sep",
    typesOverflow: true,
    trims: [{ addPrefixSpace: false }],
  },
};

const CLASSES: ReadonlyMap<string, WordPieceClass> = new Map([
  ["FunnelTokenizer", FUNNEL],
  ["MPNetTokenizer", MPNET],
  ...[
    "BertTokenizer",
    "ConvBertTokenizer",
    "DPRContextEncoderTokenizer",
    "DPRQuestionEncoderTokenizer",
    "DPRReaderTokenizer",
    "DistilBertTokenizer",
    "ElectraTokenizer",
    "LayoutLMTokenizer",
    "LxmertTokenizer",
    "MobileBertTokenizer",
    "RealmTokenizer",
    "RetriBertTokenizer",
    "SqueezeBertTokenizer",
    // What files say that were saved without a class of their own.
    "PreTrainedTokenizer",
    "TokenizersBackend",
  ].map((name): [string, WordPieceClass] => [name, BERT]),
]);

/**
 * BERT's vocab.txt: a token a line, whose number is its id. Classes: BERT's and those that share its tokenizer,
 * Funnel's and MPNet's; without one, BERT's.
 *
 * Source: transformers 5, `BertTokenizer` and its like; ids, tokens and offsets are the same (fixtures/tokenizers/formats).
 *
 * @throws {TokenizerFormatError} when the file lacks the class's special tokens, or a field of the config is wrong.
 * @throws {UnsupportedComponentError} for another class.
 *
 * @example
 * const tokenizer = new Tokenizer(fromVocabTxt(await readFile("vocab.txt", "utf8"), { config: { do_lower_case: false } }));
 */
export function fromVocabTxt(text: string, options: ConversionOptions = {}): TokenizerDefinition {
  return converting(() => {
    const config = new ClassConfig(options.config);
    const name = classOf(options) ?? "BertTokenizer";
    const ofClass = CLASSES.get(name);
    if (!ofClass) throw new UnsupportedComponentError("tokenizer_config.tokenizer_class", name);
    const specials = readSpecialTokens(config.fields, ofClass.specials);
    const vocabulary = Vocabulary.from(readLines(text));
    for (const special of ["cls", "sep", "unk"]) {
      const content = specials.named.get(special)?.content;
      if (content !== undefined && vocabulary.id(content) !== undefined) continue;
      throw new TokenizerFormatError(`vocab.txt has no line "${content ?? special}"`);
    }
    const unkToken = specials.named.get("unk")?.content ?? "[UNK]";
    return assemble(
      {
        file: "vocab.txt",
        specials,
        rows: ofClass.rows,
        model: {
          type: "WordPiece",
          vocabulary,
          unkToken,
          continuingSubwordPrefix: "##",
          maxInputCharsPerWord: 100,
        },
        normalizer: {
          type: "BertNormalizer",
          cleanText: name !== "FunnelTokenizer" || config.flag("clean_text", true),
          handleChineseChars: config.flag("tokenize_chinese_chars", true),
          stripAccents: stripAccents(config),
          lowercase: config.flag("do_lower_case", true),
        },
        preTokenizer: { type: "BertPreTokenizer" },
        decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      },
      config,
    );
  });
}

/** `undefined` follows the lower-casing. */
function stripAccents(config: ClassConfig): boolean | undefined {
  const value = config.fields["strip_accents"];
  return value === undefined || value === null ? undefined : config.flag("strip_accents", false);
}

/** A line that stands twice is found by its last number. */
function readLines(text: string): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, id) => {
    ids.set(trimEnd(line), id);
  });
  return ids;
}

/** White space is the reference's; JavaScript's own trim takes U+FEFF too. */
function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && isWhitespace(line.charCodeAt(end - 1))) end--;
  return line.slice(0, end);
}
