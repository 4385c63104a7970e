import { createRandom, type Random } from "@bearhug/core";
import { describe, expect, it } from "vitest";
import type { AddedTokenWithId } from "../added-tokens.ts";
import { createChunkedEncoder } from "../chunked-encoder.ts";
import { beginIds, takeIds } from "../kernel/chunk-encoder.ts";
import { createStages, findTokens, toDetails } from "../reference-encoder.ts";
import { parseTokenizer } from "../schema.ts";
import { createPlan } from "./plan.ts";

/** A `precompiled_charsmap`: a double array whose inner nodes have 256 units each. */
function charsMap(replacements: Readonly<Record<string, string>>): string {
  const encoder = new TextEncoder();
  const nodes: Map<number, number>[] = [new Map()];
  const values = new Map<number, number>();
  const strings: number[] = [];
  for (const [text, replacement] of Object.entries(replacements)) {
    let node = 0;
    for (const byte of encoder.encode(text)) {
      const next: number = nodes[node]?.get(byte) ?? nodes.push(new Map()) - 1;
      nodes[node]?.set(byte, next);
      node = next;
    }
    values.set(node, strings.length);
    strings.push(...encoder.encode(replacement), 0);
  }
  const base = (node: number) => 256 * (node + 1);
  const units = new Uint32Array(base(nodes.length));
  units[0] = base(0) << 10;
  nodes.forEach((children, node) => {
    const value = values.get(node);
    if (value !== undefined) units[base(node)] = value | (1 << 31);
    for (const [byte, child] of children) {
      const at = base(node) ^ byte;
      const isEnd = values.has(child) ? 256 : 0;
      units[at] = ((at ^ base(child)) << 10) | byte | isEnd;
    }
  });
  const bytes = [...new Uint8Array(Uint32Array.of(units.byteLength).buffer)];
  bytes.push(...new Uint8Array(units.buffer), ...strings);
  return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
}

const PRECOMPILED = {
  type: "Precompiled",
  precompiled_charsmap: charsMap({
    "\u00a0": " ",
    "\t": " ",
    "\n": " ",
    "\r": " ",
    "\u3000": " ",
    "\u200b": "",
    "\u0301": "",
    "e\u0301": "é",
    ﬁ: "fi",
    Ａ: "A",
    "¨": " \u0308",
    "…": "...",
    𝒜: "A",
  }),
};
const MANY_SPACES = { type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" };
const QUOTES = { type: "Replace", pattern: { String: "``" }, content: '"' };
const strip = (left: boolean, right: boolean) => {
  return { type: "Strip", strip_left: left, strip_right: right };
};
const all = (...normalizers: object[]) => ({ type: "Sequence", normalizers });
const metaspace = (prepend_scheme: string, split = true) => {
  return { type: "Metaspace", replacement: "▁", prepend_scheme, split };
};
const words = (scheme: string) => {
  const pretokenizers = [{ type: "WhitespaceSplit" }, metaspace(scheme)];
  return { type: "Sequence", pretokenizers };
};

const ALPHABET = [..."abcdefiAX▁é中文.\"'`"];
const OTHERS = [
  ...[" ", " ", " ", "  ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u200b", "\u0301", "\u0308"],
  ...["ﬁ", "Ａ", "¨", "…", "𝒜", "😀", "x", "ж", "\u0600", "각", "\ud83d", "``", "hello", "\u0e33"],
];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)] as T; // not empty
}

function randomText(random: Random): string {
  const length = random.integer(random.uniform() < 0.1 ? 200 : 25);
  const characters = [...ALPHABET, ...OTHERS];
  return Array.from({ length }, () => pick(random, characters)).join("");
}

function randomPieces(random: Random): string[] {
  const pieces = new Set(ALPHABET);
  while (pieces.size < 80) {
    const length = 2 + random.integer(3);
    const piece = Array.from({ length }, () => pick(random, ALPHABET)).join("");
    pieces.add(random.uniform() < 0.4 ? `▁${piece}` : piece);
  }
  return [...pieces];
}

function unigram(random: Random): object {
  const vocab = randomPieces(random).map((piece) => [piece, -1 - random.integer(8) / 4]);
  return { type: "Unigram", unk_id: 0, vocab: [["<unk>", 0], ...vocab] };
}

function bpe(random: Random): object {
  const vocab: Record<string, number> = { "<unk>": 0 };
  const add = (token: string) => {
    vocab[token] ??= Object.keys(vocab).length;
  };
  for (const character of ALPHABET) add(character);
  const merges: [string, string][] = [];
  const parts = [...ALPHABET];
  while (merges.length < 60) {
    const [left, right] = [pick(random, parts), pick(random, parts)];
    if (right.includes("▁") && random.uniform() < 0.8) continue;
    merges.push([left, right]);
    parts.push(left + right);
    add(left + right);
  }
  return { type: "BPE", vocab, merges, unk_token: "<unk>", fuse_unk: true };
}

function token(content: string, normalized: boolean): AddedTokenWithId {
  const flags = { special: false, singleWord: false, lstrip: false, rstrip: false };
  return { content, normalized, ...flags, id: 1000 + content.length };
}

interface Case {
  readonly name: string;
  readonly normalizer: object | null;
  readonly preTokenizer: object | null;
  readonly model?: typeof bpe;
  readonly tokens?: readonly AddedTokenWithId[];
}

const PLAIN_BPE = { model: bpe, preTokenizer: null };
const MARK_SPACES = { type: "Replace", pattern: { String: " " }, content: "▁" };
const PREPEND = { type: "Prepend", prepend: "▁" };

const CASES: readonly Case[] = [
  {
    name: "T5",
    normalizer: all(PRECOMPILED, strip(false, true), MANY_SPACES),
    preTokenizer: metaspace("always"),
  },
  {
    name: "T5, first only",
    normalizer: all(PRECOMPILED, strip(true, true), MANY_SPACES),
    preTokenizer: metaspace("first"),
  },
  {
    name: "XLNet",
    normalizer: all(
      QUOTES,
      { type: "NFKD" },
      { type: "StripAccents" },
      { type: "Lowercase" },
      PRECOMPILED,
      MANY_SPACES,
    ),
    preTokenizer: metaspace("always"),
  },
  {
    name: "ALBERT at white space",
    normalizer: all(QUOTES, PRECOMPILED),
    preTokenizer: words("always"),
  },
  { name: "white space, no marks", normalizer: null, preTokenizer: words("never") },
  { name: "NMT", normalizer: all({ type: "Nmt" }), preTokenizer: metaspace("always") },
  { name: "NFKC", normalizer: { type: "NFKC" }, preTokenizer: metaspace("always") },
  {
    name: "NFD, stripped",
    normalizer: all({ type: "NFD" }, strip(true, true)),
    preTokenizer: metaspace("never"),
  },
  {
    name: "tokens in normalized text",
    normalizer: all(PRECOMPILED, strip(false, true)),
    preTokenizer: metaspace("first"),
    tokens: [token("hello", true), token("fi.", true), token("ab", false)],
  },
  { name: "BPE by words", normalizer: null, preTokenizer: metaspace("first"), model: bpe },
  { name: "Llama", normalizer: all(PREPEND, MARK_SPACES), ...PLAIN_BPE },
  {
    name: "Llama, first only",
    normalizer: null,
    preTokenizer: metaspace("first", false),
    model: bpe,
  },
  { name: "Gemma", normalizer: MARK_SPACES, ...PLAIN_BPE },
  { name: "bare BPE", normalizer: null, ...PLAIN_BPE },
  {
    name: "Llama with tokens in normalized text",
    normalizer: all(PREPEND, MARK_SPACES),
    ...PLAIN_BPE,
    tokens: [token("hello", true), token("▁a", true), token("cd", false)],
  },
];

describe("plans of SentencePiece tokenizers", () => {
  it.each(CASES)("give what the stages give: $name", (each) => {
    const random = createRandom(each.name.length);
    const tokens = new Map((each.tokens ?? []).map((added) => [added.content, added]));
    for (let round = 0; round < 4; round++) {
      const json = {
        version: "1.0",
        added_tokens: [],
        normalizer: each.normalizer,
        pre_tokenizer: each.preTokenizer,
        model: (each.model ?? unigram)(random),
      };
      const definition = parseTokenizer(JSON.stringify(json));
      const stages = createStages(definition, tokens);
      const plan = createPlan(definition, stages);
      if (!plan) throw new Error("has no plan");
      const encoder = createChunkedEncoder(plan, stages);
      for (let i = 0; i < 60; i++) {
        const text = randomText(random);
        const found = findTokens(text, stages);
        beginIds();
        encoder.appendIds(text);
        expect([...takeIds()], JSON.stringify(text)).toEqual(found.map(({ id }) => id));
        expect(encoder.details(text), JSON.stringify(text)).toEqual(toDetails(found));
      }
    }
  });

  it("are refused where they are not proved", () => {
    const planOf = (fields: object) => {
      const model = unigram(createRandom(1));
      const definition = parseTokenizer(JSON.stringify({ model, ...fields }));
      return createPlan(definition, createStages(definition, new Map()));
    };
    const pre_tokenizer = metaspace("always");
    expect(planOf({ pre_tokenizer })).toBeDefined();
    expect(planOf({})).toBeUndefined();
    expect(planOf({ pre_tokenizer: metaspace("always", false) })).toBeUndefined();
    expect(planOf({ pre_tokenizer: words("first") })).toBeUndefined();
    const normalizers = [
      PREPEND,
      { type: "Replace", pattern: { String: "a b" }, content: "c" },
      { type: "Replace", pattern: { Regex: "\\s+" }, content: " " },
      { type: "Replace", pattern: { Regex: " {2,}" }, content: "_" },
      { type: "Replace", pattern: { String: " " }, content: "_" },
      { type: "Precompiled", precompiled_charsmap: charsMap({ " \u0301": "x" }) },
      { type: "Precompiled", precompiled_charsmap: charsMap({ "\u0600": "x" }) },
    ];
    for (const normalizer of normalizers) {
      expect(planOf({ pre_tokenizer, normalizer }), JSON.stringify(normalizer)).toBeUndefined();
    }
    const merged = { ...bpe(createRandom(2)), ignore_merges: true };
    expect(planOf({ model: merged, normalizer: MARK_SPACES })).toBeUndefined();
  });
});
