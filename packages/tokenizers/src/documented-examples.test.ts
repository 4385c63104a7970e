import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Encoding } from "./encoding.ts";
import { Tokenizer } from "./tokenizer.ts";
import { trainTokenizer } from "./trainers/train.ts";

// The examples of the Python binding's documentation, with this API. Where they use a vocabulary learned from
// Wikipedia, one learned from a few sentences stands for it: both sides learn it, and must agree.

const FIXTURES = new URL("../../../fixtures/tokenizers/", import.meta.url);
const ASSETS = new URL("../../../.assets/", import.meta.url);
const examples = JSON.parse(readFileSync(new URL("documented-examples.json", FIXTURES), "utf8"));
const { texts } = examples;
const SENTENCE = "Hello, y'all! How are you 😁 ?";
const specialTokens = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"];

interface DocumentedCall {
  readonly name: string;
  readonly kind: "normalizer" | "pre_tokenizer" | "decoder";
  readonly component: object;
  readonly input: string | readonly string[];
  readonly result: unknown;
  readonly isAsDocumented: boolean;
}

const calls: readonly DocumentedCall[] = examples.docstrings;

/** A tokenizer with one component, whose vocabulary is the tokens of the example. */
function withComponent({ kind, component, input }: DocumentedCall): Tokenizer {
  const words = new Set(typeof input === "string" ? [] : input);
  const vocab = Object.fromEntries([...words].map((word, id) => [word, id]));
  const model = { type: "WordLevel", vocab, unk_token: "" };
  return Tokenizer.fromJson(JSON.stringify({ model, [kind]: component }));
}

function run(call: DocumentedCall): unknown {
  const tokenizer = withComponent(call);
  const { kind, input } = call;
  if (typeof input !== "string") {
    return tokenizer.decode(input.map((word) => tokenizer.tokenToId(word) ?? -1));
  }
  if (kind === "normalizer") return tokenizer.normalize(input);
  return tokenizer.preTokenize(input).map(({ text, offsets }) => [text, offsets]);
}

describe("docstrings", () => {
  test.each(calls.map((call) => [`${call.name}: ${call.input}`, call] as const))(
    "%s",
    (_, call) => {
      expect(run(call)).toEqual(call.result);
    },
  );

  test("what the documentation says, but where the reference itself says something else", () => {
    const others = calls.filter(({ isAsDocumented }) => !isAsDocumented);
    expect(calls.length).toBe(37);
    expect(others.map(({ name }) => name.split(".").at(-1))).toEqual([
      "CTC",
      "Sequence",
      "Strip",
      "WordPiece",
      "Nmt",
      "ByteLevel",
      "Metaspace",
      "Punctuation",
      "UnicodeScripts",
    ]);
  });

  const bert = {
    ids: [101, 7592, 1010, 2088, 999, 102],
    tokens: ["[CLS]", "hello", ",", "world", "!", "[SEP]"],
    offsets: [
      [0, 0],
      [0, 5],
      [5, 6],
      [7, 12],
      [12, 13],
      [0, 0],
    ],
  };

  test("tokenizers.Encoding, with the tokens of bert-base-uncased that it needs", () => {
    const vocab = {
      "[UNK]": 100,
      ...Object.fromEntries(bert.tokens.map((token, i) => [token, bert.ids[i]])),
    };
    const encoding = bertTokenizer(vocab).encode("Hello, world!");
    expect([...encoding.ids]).toEqual(bert.ids);
    expect(encoding.tokens).toEqual(bert.tokens);
    expect(encoding.offsets).toEqual(bert.offsets);
  });

  const vocabFile = new URL("tokenizer-bert-vocabulary/vocab.json", ASSETS);
  test.runIf(existsSync(vocabFile))("the same with all of them (npm run assets)", () => {
    // It marks beginnings of words, where BERT's own file marks what is none.
    const words: readonly string[] = JSON.parse(readFileSync(vocabFile, "utf8"));
    const vocab = words.map((word, id) => {
      if (word.startsWith("▁")) return [word.slice(1), id];
      return [/^\[.+\]$/.test(word) ? word : `##${word}`, id];
    });
    const encoding = bertTokenizer(Object.fromEntries(vocab)).encode("Hello, world!");
    expect([...encoding.ids]).toEqual(bert.ids);
  });
});

function bertTokenizer(vocab: object): Tokenizer {
  const model = {
    type: "WordPiece",
    vocab,
    unk_token: "[UNK]",
    continuing_subword_prefix: "##",
    max_input_chars_per_word: 100,
  };
  const normalizer = {
    type: "BertNormalizer",
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  };
  const post_processor = { type: "BertProcessing", sep: ["[SEP]", 102], cls: ["[CLS]", 101] };
  const file = { model, normalizer, pre_tokenizer: { type: "BertPreTokenizer" }, post_processor };
  return Tokenizer.fromJson(JSON.stringify(file));
}

const columns = (encoding: Encoding) => ({
  ids: [...encoding.ids],
  tokens: encoding.tokens,
  offsets: encoding.offsetsIn("codePoints"),
  typeIds: [...encoding.typeIds],
  attentionMask: [...encoding.attentionMask],
});

/** `[CLS] $A [SEP]`, and `[CLS] $A [SEP] $B:1 [SEP]:1`. */
function withTemplate(tokenizer: Tokenizer): Tokenizer {
  const special = (token: string, typeId: number) => {
    const id = tokenizer.tokenToId(token) ?? -1;
    return { type: "special", token, id, typeId } as const;
  };
  const sequence = (index: 0 | 1) =>
    ({ type: "sequence", sequence: index, typeId: index }) as const;
  const single = [special("[CLS]", 0), sequence(0), special("[SEP]", 0)];
  const pair = [...single, sequence(1), special("[SEP]", 1)];
  return tokenizer.with({ postProcessor: { single, pair, trims: [] } });
}

describe("the quick tour", async () => {
  const { quickTour } = examples;
  const options = { type: "BPE", unkToken: "[UNK]", specialTokens } as const;
  const { tokenizer, json } = await trainTokenizer(quickTour.base, texts, options);

  test("train, save and reload", () => {
    const output = Tokenizer.fromJson(json).encode(SENTENCE);
    expect(columns(output)).toEqual(quickTour.plain);
    expect(columns(tokenizer.encode(SENTENCE))).toEqual(quickTour.plain);
    expect(output.tokens.join(" ")).toBe("Hello , y ' all ! How are you [UNK] ?");
    // Python counts (26, 27); here an emoji is two units.
    expect(output.offsets[9]).toEqual([26, 28]);
    expect(SENTENCE.slice(26, 28)).toBe("😁");
  });

  test("post-processing", () => {
    expect(tokenizer.tokenToId("[SEP]")).toBe(quickTour.separator);
    const templated = withTemplate(tokenizer);
    expect(columns(templated.encode(SENTENCE))).toEqual(quickTour.withTemplate);
    const output = templated.encode("Hello, y'all!", { pair: "How are you 😁 ?" });
    expect(columns(output)).toEqual(quickTour.pair);
    expect([...output.typeIds]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  test("batches and padding", () => {
    const templated = withTemplate(tokenizer);
    const pairs = [
      { text: "Hello, y'all!", pair: "How are you 😁 ?" },
      { text: "Hello to you too!", pair: "I'm fine, thank you!" },
    ];
    expect(templated.encodeBatch(pairs).map(columns)).toEqual(quickTour.pairs);
    const padding = { id: 3, token: "[PAD]" };
    const output = templated.encodeBatch(["Hello, y'all!", "How are you 😁 ?"], { padding });
    expect(output.map(columns)).toEqual(quickTour.padded);
    expect(output[1]?.tokens.join(" ")).toBe("[CLS] How are you [UNK] ? [SEP] [PAD]");
    expect([...(output[1]?.attentionMask ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
  });

  test("the pipeline: other components on the same model", () => {
    const piped = withTemplate(tokenizer).with({
      normalizer: { type: "Sequence", normalizers: [{ type: "NFD" }, { type: "StripAccents" }] },
      preTokenizer: {
        type: "Sequence",
        preTokenizers: [{ type: "Whitespace" }, { type: "Digits", individualDigits: true }],
      },
    });
    const { normalized, preTokenized, encoded, decoded } = quickTour.pipeline;
    expect(piped.normalize("Héllò hôw are ü?")).toBe(normalized);
    expect(normalized).toBe("Hello how are u?");
    expect(piped.preTokenize("Call 911!").map(({ text, offsets }) => [text, offsets])).toEqual(
      preTokenized,
    );
    expect(columns(piped.encode("Hèllo, y'áll! Call 911 😁 ?"))).toEqual(encoded);
    expect(piped.decode(piped.encode(SENTENCE).ids)).toBe(decoded);
    expect(decoded).toBe("Hello , y ' all ! How are you ?");
  });
});

test("the pipeline's BERT from scratch", async () => {
  const { base, tokens, decoded, decodedProperly } = examples.bert;
  const options = {
    type: "WordPiece",
    unkToken: "[UNK]",
    continuingSubwordPrefix: "##",
    vocabSize: 30_522,
    specialTokens,
  } as const;
  const trained = withTemplate((await trainTokenizer(base, texts, options)).tokenizer);
  const output = trained.encode("Welcome to the 🤗 Tokenizers library.");
  expect(output.tokens).toEqual(tokens);
  expect(trained.decode(output.ids)).toBe(decoded);
  const proper = trained.with({ decoder: { type: "WordPiece", prefix: "##", cleanup: true } });
  expect(proper.decode(output.ids)).toBe(decodedProperly);
  expect(decodedProperly).toBe("welcome to the tokenizers library.");
});

describe("training from memory", async () => {
  const { base, pieces, tokens, decoded } = examples.fromMemory;
  const { BYTE_CHARACTERS } = await import("./unicode/byte-alphabet.ts");
  const options = {
    type: "Unigram",
    vocabSize: 20_000,
    initialAlphabet: BYTE_CHARACTERS,
    specialTokens: ["<PAD>", "<BOS>", "<EOS>"],
  } as const;

  test.each([
    ["a list", () => texts],
    ["an iterator", () => texts.values()],
    [
      "batches of a generator",
      function* batches() {
        for (let i = 0; i < texts.length; i += 3) yield texts.slice(i, i + 3);
      },
    ],
    [
      "an asynchronous generator",
      async function* lines() {
        yield* texts;
      },
    ],
  ])("%s", async (_, source) => {
    const { tokenizer } = await trainTokenizer(base, source(), options);
    expect([...tokenizer.getVocab().keys()].sort()).toEqual([...pieces].sort());
    const output = tokenizer.encode(texts[0]);
    expect(output.tokens).toEqual(tokens);
    expect(tokenizer.decode(output.ids)).toBe(decoded);
  });
});
