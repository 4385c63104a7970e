/** Regular expressions by which vocabularies split text before they merge; in the dialect of tokenizer.json. */

const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const SPACES = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const LOWER_WORD = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`;
const UPPER_WORD = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*`;

export const GPT2: string = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

/** cl100k and Llama 3: numbers in groups of three. */
export const CL100K: string = String.raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|${SPACES}`;

/** Qwen 1 to 3: digits one by one. */
export const QWEN2: string = String.raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|${SPACES}`;

export const QWEN35: string = String.raw`${CONTRACTION}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|${SPACES}`;

export const O200K: string = String.raw`${LOWER_WORD}${CONTRACTION}?|${UPPER_WORD}${CONTRACTION}?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${SPACES}`;

export const TEKKEN: string = String.raw`${LOWER_WORD}|${UPPER_WORD}|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${SPACES}`;

const NOT_HAN = String.raw`&&[^\p{Han}]]`;

/** Kimi K2: Han apart, cases as in o200k. */
export const KIMI: string = String.raw`[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}${NOT_HAN}*[\p{Ll}\p{Lm}\p{Lo}\p{M}${NOT_HAN}+${CONTRACTION}?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}${NOT_HAN}+[\p{Ll}\p{Lm}\p{Lo}\p{M}${NOT_HAN}*${CONTRACTION}?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|${SPACES}`;

export const CLIP: string = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/** Names of tiktoken encodings, and of model families that share their patterns. */
export const NAMED_PATTERNS: ReadonlyMap<string, string> = new Map([
  ...["gpt2", "r50k_base", "p50k_base", "p50k_edit"].map((name): [string, string] => [name, GPT2]),
  ...["cl100k_base", "llama3"].map((name): [string, string] => [name, CL100K]),
  ...["o200k_base", "o200k_harmony", "llama4"].map((name): [string, string] => [name, O200K]),
  ...["qwen", "qwen2", "qwen3"].map((name): [string, string] => [name, QWEN2]),
  ["qwen3.5", QWEN35],
  ["tekken", TEKKEN],
  ["kimi", KIMI],
]);
