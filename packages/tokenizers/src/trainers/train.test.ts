import { readFileSync } from "node:fs";
import type { JsonObject, ProgressEvent } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { TokenizerFormatError } from "../errors.ts";
import { Tokenizer } from "../tokenizer.ts";
import { SpecialTokenMissingError, VocabularyTooSmallError } from "./errors.ts";
import type { TrainOptions } from "./options.ts";
import { trainTokenizer, trainTokenizerIter } from "./train.ts";

interface TrainedFile {
  readonly added_tokens: readonly JsonObject[];
  readonly post_processor: JsonObject;
  readonly padding: JsonObject;
  readonly model: {
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly merges?: readonly (readonly string[])[];
  } & JsonObject;
}

interface TrainCase {
  readonly name: string;
  readonly input: {
    readonly base: JsonObject;
    readonly texts: readonly string[];
    readonly options: TrainOptions;
  };
  readonly expected: {
    readonly model: TrainedFile["model"];
    readonly addedTokens: readonly JsonObject[];
    readonly tokens: readonly (readonly [string, readonly string[]])[];
  };
}

function casesOf(file: string): readonly TrainCase[] {
  const url = new URL(`../../../../fixtures/tokenizers/trainers/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")).cases;
}

async function train({ base, texts, options }: TrainCase["input"]): Promise<TrainedFile> {
  const { json } = await trainTokenizer(base, texts, options);
  return JSON.parse(json);
}

describe("trainTokenizer() agrees with the reference", () => {
  for (const file of ["bpe", "word-piece", "word-level"]) {
    test.each(casesOf(file))(`${file}: $name`, async ({ input, expected }) => {
      const { model, added_tokens } = await train(input);
      expect(model.vocab).toEqual(expected.model.vocab);
      expect(model).toEqual(expected.model);
      expect(added_tokens).toEqual(expected.addedTokens);
    });
  }

  test.each(casesOf("unigram"))("unigram: $name", async ({ input, expected }) => {
    const { model, added_tokens } = await train(input);
    const ours = model.vocab as readonly (readonly [string, number])[]; // Unigram's is a list
    const theirs = new Map(expected.model.vocab as readonly (readonly [string, number])[]);
    expect(ours.map(([piece]) => piece).sort()).toEqual([...theirs.keys()].sort());
    for (const [piece, score] of ours) expect(score, piece).toBeCloseTo(theirs.get(piece) ?? 0, 8);
    expect(model["unk_id"]).toBe(expected.model["unk_id"]);
    expect(added_tokens).toEqual(expected.addedTokens);
  });

  for (const file of ["bpe", "word-piece", "word-level", "unigram"]) {
    test.each(casesOf(file))(`tokens of ${file}: $name`, async ({ input, expected }) => {
      const { tokenizer } = await trainTokenizer(input.base, input.texts, input.options);
      for (const [text, tokens] of expected.tokens) {
        expect(tokenizer.encode(text).tokens, text).toEqual(tokens);
      }
    });
  }
});

const LINES = Array.from(
  { length: 400 },
  (_, i) => `line ${i % 37} of ${i % 11} little texts, isn't it?`,
);
const BYTE_LEVEL = {
  type: "ByteLevel",
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
};
const BASE = { pre_tokenizer: BYTE_LEVEL, decoder: BYTE_LEVEL };
const WHITESPACE = { pre_tokenizer: { type: "Whitespace" } };

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield item;
}

describe("trainTokenizer()", () => {
  const options = { type: "BPE", vocabSize: 90 } as const;

  test("takes texts one by one, in batches, and from asynchronous sources", async () => {
    const { json } = await trainTokenizer(BASE, LINES, options);
    const batches = [LINES.slice(0, 7), LINES.slice(7, 7), LINES.slice(7)];
    for (const texts of [new Set([LINES]), batches, later(LINES), later(batches)]) {
      expect((await trainTokenizer(BASE, texts, options)).json).toBe(json);
    }
  });

  test("takes its own result as a base", async () => {
    const { json } = await trainTokenizer(BASE, LINES, options);
    expect((await trainTokenizer(json, LINES, options)).json).toBe(json);
    const tokenizer = Tokenizer.fromJson(json);
    expect(tokenizer.decode(tokenizer.encode("little texts").ids)).toBe("little texts");
  });

  test("keeps the settings of a model of the same type, and sets those it is given", async () => {
    const model = { type: "BPE", fuse_unk: true, unk_token: "?", vocab: { "?": 0 }, merges: [] };
    const file = async (given: Partial<TrainOptions>) =>
      JSON.parse(
        (await trainTokenizer({ ...WHITESPACE, model }, LINES, { ...options, ...given })).json,
      );
    expect((await file({})).model).toMatchObject({ fuse_unk: true, unk_token: "?" });
    expect((await file({ unkToken: "!" })).model).toMatchObject({ unk_token: "!" });
    expect((await file({ type: "WordLevel" })).model).toMatchObject({ unk_token: "<unk>" });
  });

  test("looks ids of templates and padding up in the new vocabulary", async () => {
    const base = {
      ...WHITESPACE,
      padding: {
        strategy: "BatchLongest",
        direction: "Right",
        pad_to_multiple_of: null,
        pad_id: 77,
        pad_type_id: 0,
        pad_token: "[PAD]",
      },
      post_processor: {
        type: "Sequence",
        processors: [
          { ...BYTE_LEVEL },
          {
            type: "TemplateProcessing",
            single: [
              { SpecialToken: { id: "[CLS]", type_id: 0 } },
              { Sequence: { id: "A", type_id: 0 } },
            ],
            pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 0 } }],
            special_tokens: { "[CLS]": { id: "[CLS]", ids: [77], tokens: ["[CLS]"] } },
          },
        ],
      },
    };
    const specialTokens = ["[PAD]", { content: "[CLS]", lstrip: true }];
    const { tokenizer } = await trainTokenizer(base, LINES, { ...options, specialTokens });
    expect(tokenizer.encode("it").ids[0]).toBe(1);
    expect(tokenizer.definition.padding?.id).toBe(0);
    expect(tokenizer.addedTokens[1]).toMatchObject({
      content: "[CLS]",
      lstrip: true,
      special: true,
    });
    const bare = trainTokenizer(base, LINES, { ...options, specialTokens: ["[PAD]"] });
    await expect(bare).rejects.toThrow(SpecialTokenMissingError);
    await expect(bare).rejects.toMatchObject({ token: "[CLS]" });
  });

  test("writes names of properties and numbers as tokens", async () => {
    const texts = ["__proto__ constructor 10 9 10 10"];
    const { tokenizer, json } = await trainTokenizer(WHITESPACE, texts, { type: "WordLevel" });
    expect(json).toContain('"vocab":{"10":0,"9":1,"__proto__":2,"constructor":3}');
    expect([...tokenizer.encode("__proto__ 9").ids]).toEqual([2, 1]);
  });

  test("learns nothing from nothing", async () => {
    for (const type of ["BPE", "WordPiece", "WordLevel", "Unigram"] as const) {
      const trained = await trainTokenizer(WHITESPACE, [], { type, specialTokens: ["<s>"] });
      expect(trained.tokenizer.vocabularySize, type).toBe(1);
    }
  });

  test("forgets the rarest words when there are more than maxWords", async () => {
    const texts = [...LINES, ...Array.from({ length: 300 }, (_, i) => `rare${i}`), "line line"];
    const { tokenizer } = await trainTokenizer(WHITESPACE, texts, {
      type: "WordLevel",
      maxWords: 100,
    });
    expect(tokenizer.vocabularySize).toBeLessThanOrEqual(100);
    expect(tokenizer.tokenToId("line")).toBeLessThan(5);
  });

  test("reads lone surrogates as U+FFFD, whatever way texts go", async () => {
    const texts = ["a\ud800b \udc00", "x\0y \ud83d\ude00 \ufeffz"];
    const words = async (base: JsonObject) => {
      const { tokenizer } = await trainTokenizer(base, texts, { type: "WordLevel" });
      return ["a\ufffdb", "\ufffd", "x\0y", "\u{1f600}", "\ufeffz"].map((word) =>
        tokenizer.tokenToId(word),
      );
    };
    const parts = await words({ pre_tokenizer: { type: "WhitespaceSplit" } });
    expect(parts).not.toContain(undefined);
    const delimiter = { type: "CharDelimiterSplit", delimiter: " " };
    expect(await words({ pre_tokenizer: delimiter })).toEqual(parts);
  });
});

describe("trainTokenizerIter()", () => {
  const all = [
    { type: "BPE", vocabSize: 80 },
    { type: "WordPiece", vocabSize: 80 },
    { type: "WordLevel", vocabSize: 80 },
    { type: "Unigram", vocabSize: 80 },
  ] as const;

  test.each(all)("ends each phase of $type at its total", async (options) => {
    const last = new Map<string, ProgressEvent>();
    for await (const event of trainTokenizerIter(WHITESPACE, LINES, options)) {
      expect(event.done).toBeGreaterThanOrEqual(last.get(event.phase)?.done ?? 0);
      expect(event.done).toBeLessThanOrEqual(event.total ?? Number.POSITIVE_INFINITY);
      last.set(event.phase, event);
    }
    expect(last.get("count-words")).toMatchObject({ done: LINES.length, total: LINES.length });
    for (const event of last.values()) expect(event.done, event.phase).toBe(event.total);
  });

  test.each(all)("stops $type when it is aborted", async (options) => {
    const reason = new Error("enough");
    const phases = new Set<string>();
    await trainTokenizer(WHITESPACE, LINES, {
      ...options,
      onProgress: (event) => phases.add(event.phase),
    });
    for (const phase of phases) {
      const controller = new AbortController();
      let eventsAfter = 0;
      const training = trainTokenizer(WHITESPACE, endless(LINES, phase), {
        ...options,
        signal: controller.signal,
        onProgress: (event) => {
          if (controller.signal.aborted) eventsAfter++;
          if (event.phase === phase) controller.abort(reason);
        },
      });
      await expect(training, phase).rejects.toBe(reason);
      expect(eventsAfter, phase).toBeLessThanOrEqual(1);
    }
    const aborted = AbortSignal.abort(reason);
    const late = trainTokenizer(WHITESPACE, LINES, { ...options, signal: aborted });
    await expect(late).rejects.toBe(reason);
  });
});

/** Texts without end while they are counted: only an abort stops it. */
function* endless(lines: readonly string[], phase: string): Generator<readonly string[]> {
  do yield lines;
  while (phase === "count-words");
}

describe("trainTokenizer() refuses", () => {
  const bad: readonly (readonly [string, Record<string, unknown>])[] = [
    ["type must be one of", { type: "bpe" }],
    ["vocabSize must be a positive integer, got 0", { vocabSize: 0 }],
    ["vocabSize must be a positive integer", { vocabSize: 1.5 }],
    ["minFrequency must be an integer of 0 or more", { minFrequency: -1 }],
    ["maxTokenLength must be", { maxTokenLength: "9" }],
    ["specialTokens[1] must be a string", { specialTokens: ["a", 1] }],
    ["specialTokens[0] must not be empty", { specialTokens: [""] }],
    ["initialAlphabet[0] must be a string", { initialAlphabet: [1] }],
    ["unkToken must be a string", { unkToken: 7 }],
    ["shrinkingFactor must be above 0 and below 1, got 1", { shrinkingFactor: 1 }],
  ];
  test.each(bad)("%s", async (message, options) => {
    const given = { type: "BPE", ...options } as TrainOptions; // wrong on purpose
    await expect(trainTokenizer(WHITESPACE, LINES, given)).rejects.toThrow(message);
  });

  test("a single text, and texts that are none", async () => {
    const options = { type: "BPE" } as const;
    await expect(trainTokenizer(WHITESPACE, "text", options)).rejects.toThrow(TypeError);
    const numbers = [1] as unknown as string[]; // wrong on purpose
    await expect(trainTokenizer(WHITESPACE, numbers, options)).rejects.toThrow(TypeError);
  });

  test("a base that is no tokenizer", async () => {
    const options = { type: "BPE" } as const;
    for (const base of [
      "{",
      "[]",
      { pre_tokenizer: { type: "Whitespace", version: 1 }, version: "2" },
    ]) {
      await expect(trainTokenizer(base, LINES, options)).rejects.toThrow(TokenizerFormatError);
    }
  });

  test("a Unigram vocabulary without room for all characters", async () => {
    const options = {
      type: "Unigram",
      vocabSize: 20,
      specialTokens: ["<s>"],
      unkToken: "?",
    } as const;
    const training = trainTokenizer(WHITESPACE, LINES, options);
    await expect(training).rejects.toThrow(VocabularyTooSmallError);
    const { needed } = (await training.catch((error) => error)) as VocabularyTooSmallError;
    const { tokenizer } = await trainTokenizer(WHITESPACE, LINES, {
      ...options,
      vocabSize: needed,
    });
    expect(tokenizer.vocabularySize).toBe(needed);
  });
});
