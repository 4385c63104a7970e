import { type TokenizerDefinition, Vocabulary } from "@bearhug/tokenizers";
import { specialToken, type TokenizerConfig } from "./tokenizer-config.ts";

const SPECIALS = {
  unk: "[UNK]",
  sep: "[SEP]",
  pad: "[PAD]",
  cls: "[CLS]",
  mask: "[MASK]",
} as const;

/** BERT's tokenizer from its older file, vocab.txt: a token a line, whose number is its id. */
export function bertFromVocabulary(text: string, config: TokenizerConfig): TokenizerDefinition {
  const vocabulary = Vocabulary.from(parseLines(text));
  const name = (key: keyof typeof SPECIALS) => config.specialTokens[key]?.content ?? SPECIALS[key];
  const special = (key: "cls" | "sep", typeId: number) => {
    const id = vocabulary.id(name(key));
    if (id === undefined) throw new TypeError(`vocab.txt has no line "${name(key)}"`);
    return { type: "special", id, token: name(key), typeId } as const;
  };
  const single = [
    special("cls", 0),
    { type: "sequence", sequence: 0, typeId: 0 } as const,
    special("sep", 0),
  ];
  const second = [{ type: "sequence", sequence: 1, typeId: 1 } as const, special("sep", 1)];
  return {
    model: {
      type: "WordPiece",
      vocabulary,
      unkToken: name("unk"),
      continuingSubwordPrefix: "##",
      maxInputCharsPerWord: 100,
    },
    addedTokens: [name("pad"), name("unk"), name("cls"), name("sep"), name("mask")]
      .filter((token) => vocabulary.id(token) !== undefined)
      .map(specialToken),
    normalizer: {
      type: "BertNormalizer",
      cleanText: true,
      handleChineseChars: config.tokenizeChineseChars ?? true,
      stripAccents: config.stripAccents,
      lowercase: config.doLowerCase ?? true,
    },
    preTokenizer: { type: "BertPreTokenizer" },
    postProcessor: { single, pair: [...single, ...second], trims: [] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  };
}

function parseLines(text: string): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  lines.forEach((line, id) => {
    ids.set(line.trimEnd(), id);
  });
  return ids;
}
