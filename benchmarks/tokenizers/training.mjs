// What is trained: the question that every trainer gets, and how often (the slow ones seldom).
const definition = (parts) => ({
  version: "1.0",
  truncation: null,
  padding: null,
  added_tokens: [],
  normalizer: null,
  post_processor: null,
  ...parts,
});

const byteLevel = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
};
const metaspace = { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true };

export const TRAINING = {
  BPE: {
    rounds: 3,
    texts: "training",
    question: {
      type: "BPE",
      vocabSize: 30_000,
      specialTokens: ["<|endoftext|>"],
      base: definition({ pre_tokenizer: byteLevel, decoder: byteLevel }),
    },
  },
  WordPiece: {
    rounds: 3,
    texts: "training",
    question: {
      type: "WordPiece",
      vocabSize: 30_000,
      specialTokens: ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"],
      base: definition({
        normalizer: {
          type: "BertNormalizer",
          clean_text: true,
          handle_chinese_chars: true,
          strip_accents: null,
          lowercase: true,
        },
        pre_tokenizer: { type: "BertPreTokenizer" },
        decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      }),
    },
  },
  Unigram: {
    rounds: 1,
    texts: "trainingShort",
    question: {
      type: "Unigram",
      vocabSize: 8_000,
      specialTokens: ["<unk>"],
      base: definition({
        normalizer: { type: "NFKC" },
        pre_tokenizer: metaspace,
        decoder: metaspace,
      }),
    },
  },
};
