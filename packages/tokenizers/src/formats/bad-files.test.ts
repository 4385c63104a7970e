import { readFileSync } from "node:fs";
import { toBase64 } from "@bearhug/core";
import { describe, expect, test } from "vitest";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";
import { fromGguf } from "./gguf.ts";
import { type RangedFile, readGgufMetadata } from "./gguf-reader.ts";
import { fromMarian } from "./marian.ts";
import { fromSentencePiece } from "./sentencepiece.ts";
import { fromTekken, fromTiktoken } from "./tiktoken.ts";
import { fromVocabAndMerges } from "./vocab-merges.ts";
import { fromVocabTxt } from "./vocab-txt.ts";

const FIXTURES = new URL("../../../../fixtures/tokenizers/formats/", import.meta.url);

function bytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FIXTURES)));
}

function text(name: string): string {
  return readFileSync(new URL(name, FIXTURES), "utf8");
}

/** The conversion fails with this class and message; nothing else may come out of it. */
function refuses(convert: () => unknown, message: RegExp, kind: unknown = TokenizerFormatError) {
  expect(convert).toThrow(message);
  expect(convert).toThrow(kind as typeof TokenizerFormatError);
}

function varint(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return [...out, rest];
}

function field(number: number, content: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(content.length), ...content];
}

const letters = (word: string) => [...new TextEncoder().encode(word)];
const piece = (word: string, ...more: number[]) => field(1, [...field(1, letters(word)), ...more]);

describe("vocab.txt", () => {
  test("without special tokens", () => {
    refuses(() => fromVocabTxt("a\nb\n"), /vocab\.txt has no line "\[CLS\]"/);
  });

  test("with a class that cuts text otherwise", () => {
    const convert = () => fromVocabTxt(text("vocab.txt"), { tokenizerClass: "PhobertTokenizer" });
    refuses(
      convert,
      /tokenizer_config\.tokenizer_class uses "PhobertTokenizer"/,
      UnsupportedComponentError,
    );
  });

  test("with a wrong flag", () => {
    const convert = () => fromVocabTxt(text("vocab.txt"), { config: { do_lower_case: 1 } });
    refuses(convert, /tokenizer_config\.do_lower_case must be true or false/);
  });

  test("with wrong special tokens", () => {
    const with_ = (config: Record<string, unknown>) => () =>
      fromVocabTxt(text("vocab.txt"), { config });
    refuses(with_({ cls_token: 3 }), /tokenizer_config\.cls_token must be a string/);
    refuses(with_({ cls_token: null }), /vocab\.txt has no line "cls"/);
    refuses(with_({ mask_token: { content: 1 } }), /tokenizer_config\.mask_token\.content/);
    refuses(
      with_({ added_tokens_decoder: { x: { content: "a" } } }),
      /added_tokens_decoder\["x"\]/,
    );
    refuses(with_({ added_tokens_decoder: { 1: {} } }), /added_tokens_decoder\["1"\]\.content/);
    refuses(
      with_({ additional_special_tokens: [1] }),
      /additional_special_tokens\[0\] must be a string/,
    );
    refuses(with_({ additional_special_tokens: 1 }), /additional_special_tokens must be a string/);
  });
});

describe("vocab.json and merges.txt", () => {
  const merges = (lines: string) => () =>
    fromVocabAndMerges({ vocab: '{"a":0,"b":1,"ab":2}', merges: lines });

  test("broken lines", () => {
    expect(merges("#version: 0.2\na b\n")).not.toThrow();
    refuses(merges("a b\na\n"), /merges\.txt, line 2 must be two tokens/);
    refuses(merges("a b c\n"), /line 1/);
    refuses(merges("a \n"), /line 1/);
  });

  test("tokens that the vocabulary lacks", () => {
    refuses(merges("a c\n"), /merges\[0\] needs "c"/);
    refuses(merges("b a\n"), /merges\[0\] needs "ba"/);
  });

  test("a vocabulary that is none", () => {
    refuses(() => fromVocabAndMerges({ vocab: "[", merges: "" }), /vocab\.json is not JSON/);
    refuses(() => fromVocabAndMerges({ vocab: "[]", merges: "" }), /vocab\.json must be an object/);
    refuses(() => fromVocabAndMerges({ vocab: '{"a":-1}', merges: "" }), /vocab\.json\["a"\]/);
  });
});

describe("SentencePiece models", () => {
  const model = bytes("bpe-bytes.model");

  test("cut off at any place", () => {
    for (let end = 0; end < model.length; end += end < 300 ? 1 : 97) {
      try {
        fromSentencePiece(model.subarray(0, end), { tokenizerClass: "LlamaTokenizer" });
      } catch (error) {
        expect(error).toBeInstanceOf(TokenizerFormatError);
      }
    }
  });

  test("with any byte changed", () => {
    for (let at = 0; at < 300; at += 5) {
      for (const flip of [0x01, 0xff]) {
        const changed = Uint8Array.from(model);
        changed[at] ^= flip;
        try {
          fromSentencePiece(changed);
        } catch (error) {
          const isKnown =
            error instanceof TokenizerFormatError || error instanceof UnsupportedComponentError;
          expect(isKnown, String(error)).toBe(true);
        }
      }
    }
  });

  test("lengths beyond the file, wrong wire types, no pieces", () => {
    const convert =
      (...content: number[]) =>
      () =>
        fromSentencePiece(Uint8Array.from(content));
    refuses(convert(), /model\.pieces is empty/);
    refuses(convert(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f), /model is cut off: it needs \d+ bytes/);
    refuses(convert(...Array(12).fill(0xff)), /model is cut off, or is not a protobuf message/);
    refuses(convert(0x0b), /not a protobuf message/);
    refuses(convert(0x00, 0x00), /not a protobuf message/);
    refuses(convert(0x08, 1), /model\.pieces\[0\] must be bytes, got a varint/);
    refuses(convert(...field(1, [0x08, 1])), /model\.pieces\[0\]\.piece must be bytes/);
    refuses(convert(...field(1, [])), /model\.pieces\[0\]\.piece is empty/);
    refuses(convert(...piece("a", 0x10, 1)), /model\.pieces\[0\]\.score must be a float/);
    refuses(convert(...piece("a", 0x15, 0, 0, 0xc0, 0x7f)), /score must be a number/);
    refuses(convert(...piece("a", 0x18, 9)), /model\.pieces\[0\]\.type must be from 1 to 6/);
    refuses(
      convert(...piece("a"), ...field(2, [0x1a, 0])),
      /trainer_spec\.model_type must be an integer/,
    );
    refuses(
      convert(...piece("a"), ...field(3, field(2, [1, 2, 3]))),
      /precompiled_charsmap is cut off/,
    );
    refuses(
      convert(...piece("a"), ...field(2, [0xc0, 2, 5])),
      /1 pieces, and the unknown one would be number 5/,
    );
  });

  test("kinds that cannot be run", () => {
    refuses(
      () => fromSentencePiece(bytes("word.model")),
      /model_type uses "word"/,
      UnsupportedComponentError,
    );
    refuses(
      () => fromSentencePiece(bytes("suffix.model")),
      /treat_whitespace_as_suffix uses "true"/,
      UnsupportedComponentError,
    );
    refuses(
      () => fromSentencePiece(model, { tokenizerClass: "FunnyTokenizerFast" }),
      /uses "FunnyTokenizer"/,
      UnsupportedComponentError,
    );
  });

  test("pieces whose cuts would take hours", () => {
    const long = [..."ab"].flatMap((letter) => piece(letter.repeat(30_000)));
    const bpe = field(2, [0x18, 2]);
    refuses(() => fromSentencePiece(Uint8Array.from([...long, ...bpe])), /pieces are too long/);
  });

  test("Pegasus without an unknown piece where it stands", () => {
    const convert = () =>
      fromSentencePiece(bytes("unigram-albert.model"), { tokenizerClass: "PegasusTokenizer" });
    refuses(convert, /model\.pieces has no "<unk>" behind its first two/);
  });

  test("Marian's vocab.json without the unknown token", () => {
    const convert = () => fromMarian({ model: bytes("unigram.model"), vocab: '{"a":0}' });
    refuses(convert, /vocab\.json has no token "<unk>"/);
  });
});

describe("tiktoken files", () => {
  const ranks = text("ranks.tiktoken");
  const lines = ranks.split("\n");

  test("broken lines", () => {
    refuses(
      () => fromTiktoken(`${ranks}YQ==`),
      /tiktoken file, line \d+ must be a token in base64 and its rank/,
    );
    refuses(() => fromTiktoken(`YQ== 1 2\n${ranks}`), /line 1 must be/);
    refuses(() => fromTiktoken(`Y*== 600\n${ranks}`), /line 1 must be base64/);
    refuses(() => fromTiktoken(`YWI= -1\n${ranks}`), /line 1 must be/);
  });

  test("a token or a rank that stands twice, a byte without a token", () => {
    refuses(() => fromTiktoken(`${ranks}${lines[0]}`), /has the token "Ā" twice/);
    refuses(() => fromTiktoken(`${ranks}enp6enp6 5`), /has the rank 5 twice/);
    refuses(() => fromTiktoken(lines.slice(1).join("\n")), /has no token for the byte 0/);
    refuses(() => fromTiktoken(""), /has no token for the byte 0/);
  });

  test("special tokens with taken or far ids, and a pattern that is none", () => {
    refuses(
      () => fromTiktoken(ranks, { specialTokens: { "<x>": 3 } }),
      /"<x>" has the id 3 of a rank/,
    );
    refuses(
      () => fromTiktoken(ranks, { specialTokens: { "<x>": -3 } }),
      /specialTokens\["<x>"\] must be/,
    );
    const config = { added_tokens_decoder: { 1500000000: { content: "<x>" } } };
    refuses(() => fromTiktoken(ranks, { config }), /too far behind the last rank/);
    refuses(() => fromTiktoken(ranks, { pattern: "(" }), /options\.pattern/);
  });

  test("tokens whose cuts would take hours", () => {
    const long = toBase64(new Uint8Array(60_000).fill(97));
    refuses(() => fromTiktoken(`${ranks}${long} 9999`), /tokens of The tiktoken file are too long/);
  });
});

describe("tekken.json", () => {
  const file = JSON.parse(text("tekken.json"));
  const with_ = (changes: object) => () => fromTekken(JSON.stringify({ ...file, ...changes }));

  test("fields that are wrong", () => {
    refuses(() => fromTekken("{"), /tekken\.json is not JSON/);
    refuses(with_({ config: 1 }), /tekken\.json: config must be an object/);
    refuses(with_({ config: {} }), /config\.pattern must be a string/);
    refuses(with_({ config: { pattern: "[" } }), /config\.pattern/);
    refuses(
      with_({ config: { ...file.config, default_vocab_size: -1 } }),
      /config\.default_vocab_size/,
    );
    refuses(with_({ vocab: [1] }), /vocab\[0\]\.token_bytes must be a string/);
    refuses(with_({ vocab: [{ token_bytes: "*" }] }), /vocab\[0\]\.token_bytes must be base64/);
    refuses(with_({ vocab: file.vocab.slice(1) }), /no token for the byte 0/);
    refuses(
      with_({
        special_tokens: [
          { rank: 0, token_str: "a" },
          { rank: 0, token_str: "b" },
        ],
      }),
      /rank 0 stands twice/,
    );
    refuses(with_({ special_tokens: [{ rank: 7, token_str: "a" }] }), /special_tokens\[0\]\.rank/);
  });
});

describe("GGUF files", () => {
  const file = bytes("bytes-qwen2.gguf");

  /** The file with one stretch of ASCII put in another's place. */
  function replaced(from: string, to: string): Uint8Array {
    expect(to.length).toBe(from.length);
    return new Uint8Array(
      Buffer.from(Buffer.from(file).toString("latin1").replace(from, to), "latin1"),
    );
  }

  async function refusesFile(
    content: Uint8Array,
    message: RegExp,
    kind: unknown = TokenizerFormatError,
  ) {
    await expect(fromGguf(content)).rejects.toThrow(message);
    await expect(fromGguf(content)).rejects.toThrow(kind as typeof TokenizerFormatError);
  }

  test("cut off at any place of the metadata", async () => {
    const metadata = await readGgufMetadata(file);
    expect(metadata.get("tokenizer.ggml.pre")).toBe("qwen2");
    for (let end = 0; end < 13_000; end += end < 400 ? 1 : 211) {
      await expect(fromGguf(file.subarray(0, end)), String(end)).rejects.toThrow(
        TokenizerFormatError,
      );
    }
  });

  test("with any byte of the head changed", async () => {
    for (let at = 0; at < 300; at++) {
      const changed = Uint8Array.from(file);
      changed[at] ^= 0xff;
      const error = await fromGguf(changed).catch((reason: unknown) => reason);
      const isKnown = !(error instanceof Error) || "code" in error;
      expect(isKnown, `${at}: ${error}`).toBe(true);
    }
  });

  test("kinds that are not known", async () => {
    await refusesFile(
      replaced("qwen2", "qwen9"),
      /tokenizer\.ggml\.pre uses "qwen9"/,
      UnsupportedComponentError,
    );
    await refusesFile(
      replaced("gpt2", "rwkv"),
      /tokenizer\.ggml\.model uses "rwkv"/,
      UnsupportedComponentError,
    );
    await refusesFile(replaced("GGUF", "GGML"), /does not begin with the letters GGUF/);
    await refusesFile(
      replaced("tokenizer.ggml.tokens", "tokenizer.ggml.broken"),
      /tokenizer\.ggml\.tokens is missing/,
    );
    await refusesFile(
      replaced("tokenizer.ggml.merges", "tokenizer.ggml.broken"),
      /merges and tokenizer\.ggml\.scores are missing/,
    );
  });

  test("from a Blob, and from a server that answers ranges", async () => {
    const whole = await fromGguf(file);
    const reads: number[] = [];
    const ranged: RangedFile = {
      size: file.length,
      read: async (start, end) => {
        reads.push(end - start);
        return file.slice(start, end);
      },
    };
    for (const source of [new Blob([new Uint8Array(file)]), ranged]) {
      const { model } = await fromGguf(source);
      expect([...model.vocabulary.entries()]).toEqual([...whole.model.vocabulary.entries()]);
    }
    expect(reads).toHaveLength(1);
    const short = { ...ranged, read: async (start: number) => file.slice(start, start + 10) };
    await expect(fromGguf(short)).rejects.toThrow(/a read of \d+ bytes gave 10/);
  });

  test("stops when it is aborted", async () => {
    const content = manyTokens(300_000);
    const controller = new AbortController();
    let reads = 0;
    const read = async (start: number, end: number) => {
      reads++;
      controller.abort();
      return content.subarray(start, end);
    };
    const loading = fromGguf({ size: content.length, read }, { signal: controller.signal });
    await expect(loading).rejects.toThrow(/abort/i);
    expect(reads).toBe(1);
  });
});

/** A file whose only key is a list of tokens, longer than what is read at once. */
function manyTokens(count: number): Uint8Array {
  const key = "tokenizer.ggml.tokens";
  const content = Buffer.alloc(24 + 8 + key.length + 16 + 12 * count);
  content.write("GGUF");
  content.writeUInt32LE(3, 4);
  content.writeBigUInt64LE(1n, 16);
  content.writeBigUInt64LE(BigInt(key.length), 24);
  content.write(key, 32);
  let at = 32 + key.length;
  at = content.writeUInt32LE(9, at);
  at = content.writeUInt32LE(8, at);
  at = content.writeBigUInt64LE(BigInt(count), at);
  for (let i = 0; i < count; i++) {
    at = content.writeBigUInt64LE(4n, at);
    at += content.write("abcd", at);
  }
  return new Uint8Array(content);
}
