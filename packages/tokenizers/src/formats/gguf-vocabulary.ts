import { TokenizerFormatError } from "../errors.ts";
import type { GgufMetadata } from "./gguf-reader.ts";

export type GgufTokenType = "normal" | "unknown" | "control" | "user" | "unused" | "byte";

/** What `tokenizer.ggml.*` says, checked. */
export interface GgufVocabulary {
  /** `tokenizer.ggml.model`. */
  readonly kind: string;
  readonly architecture: string;
  /** `tokenizer.ggml.pre`: how text is split. */
  readonly pre: string | undefined;
  /** By id. */
  readonly tokens: readonly string[];
  /** Token → id, the last one of those that stand twice. */
  readonly ids: ReadonlyMap<string, number>;
  /** By id; "normal" where the file does not say. */
  readonly types: readonly GgufTokenType[];
  readonly scores: ArrayLike<number> | undefined;
  readonly merges: readonly (readonly [left: string, right: string])[] | undefined;
  readonly precompiledCharsmap: Uint8Array | undefined;
  readonly addBos: boolean | undefined;
  readonly addEos: boolean | undefined;
  readonly addSpacePrefix: boolean | undefined;
  readonly lowercase: boolean | undefined;
  readonly stripAccents: boolean | undefined;
  /** Special tokens as tokenizer_config.json would name them: `bos_token` and so on. */
  readonly named: Readonly<Record<string, string>>;
}

const PREFIX = "tokenizer.ggml.";

const TYPES: readonly GgufTokenType[] = [
  "normal",
  "normal",
  "unknown",
  "control",
  "user",
  "unused",
  "byte",
];

/** Fields of tokenizer_config.json, and the keys that have the ids; one of them is misspelt in the format itself. */
const NAMED: readonly (readonly [field: string, keys: readonly string[]])[] = [
  ["bos_token", ["bos_token_id"]],
  ["eos_token", ["eos_token_id"]],
  ["unk_token", ["unknown_token_id"]],
  ["sep_token", ["seperator_token_id", "separator_token_id"]],
  ["pad_token", ["padding_token_id"]],
  ["cls_token", ["cls_token_id"]],
  ["mask_token", ["mask_token_id"]],
];

/** @throws {TokenizerFormatError} naming the key that is missing or wrong. */
export function parseGgufVocabulary(metadata: GgufMetadata): GgufVocabulary {
  const keys = new Keys(metadata);
  const tokens = keys.strings("tokens");
  if (!tokens || tokens.length === 0) throw new TokenizerFormatError(`${PREFIX}tokens is missing`);
  const types = keys.numbers("token_type", tokens.length);
  const kind = keys.text("model");
  if (kind === undefined) throw new TokenizerFormatError(`${PREFIX}model is missing`);
  const architecture = metadata.get("general.architecture");
  return {
    kind,
    architecture: typeof architecture === "string" ? architecture : "",
    pre: keys.text("pre"),
    tokens,
    ids: new Map(tokens.map((token, id) => [token, id])),
    types: tokens.map((_, id) => TYPES[types?.[id] ?? 1] ?? "normal"),
    scores: keys.numbers("scores", tokens.length),
    merges: keys.strings("merges")?.map(parseMerge),
    precompiledCharsmap: keys.bytes("precompiled_charsmap"),
    addBos: keys.flag("add_bos_token"),
    addEos: keys.flag("add_eos_token"),
    addSpacePrefix: keys.flag("add_space_prefix"),
    lowercase: keys.flag("normalizer.lowercase"),
    stripAccents: keys.flag("normalizer.strip_accents"),
    named: Object.fromEntries(
      NAMED.flatMap(([field, names]) => {
        const id = names
          .map((name) => keys.id(name, tokens.length))
          .find((each) => each !== undefined);
        return id === undefined ? [] : [[field, tokens[id]]];
      }),
    ),
  };
}

/** A token can begin with a space, so the first character separates nothing. */
function parseMerge(merge: string, rank: number): readonly [string, string] {
  const space = merge.indexOf(" ", 1);
  if (space > 0 && space < merge.length - 1) return [merge.slice(0, space), merge.slice(space + 1)];
  throw new TokenizerFormatError(`${PREFIX}merges[${rank}] must be two tokens`);
}

/** Typed access to the keys of a tokenizer. */
class Keys {
  readonly #metadata: GgufMetadata;

  constructor(metadata: GgufMetadata) {
    this.#metadata = metadata;
  }

  text(name: string): string | undefined {
    const value = this.#metadata.get(PREFIX + name);
    if (value === undefined || typeof value === "string") return value;
    throw wrong(name, "a string");
  }

  flag(name: string): boolean | undefined {
    const value = this.#metadata.get(PREFIX + name);
    if (value === undefined || typeof value === "boolean") return value;
    throw wrong(name, "true or false");
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#metadata.get(PREFIX + name);
    // Arrays of GGUF are of one type, and only those of strings are plain arrays.
    if (value === undefined || Array.isArray(value)) return value as readonly string[] | undefined;
    throw wrong(name, "an array of strings");
  }

  numbers(name: string, length: number): ArrayLike<number> | undefined {
    const value = this.#metadata.get(PREFIX + name);
    if (value === undefined) return undefined;
    if (!(value instanceof Float64Array)) throw wrong(name, "an array of numbers");
    if (value.length !== length) throw wrong(name, `${length} numbers, one a token`);
    return value;
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.#metadata.get(PREFIX + name);
    if (value === undefined) return undefined;
    if (!(value instanceof Float64Array)) throw wrong(name, "an array of bytes");
    return Uint8Array.from(value);
  }

  id(name: string, count: number): number | undefined {
    const value = this.#metadata.get(PREFIX + name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= 0 && value < count) return value;
    throw wrong(name, `the id of one of ${count} tokens`);
  }
}

function wrong(name: string, what: string): TokenizerFormatError {
  return new TokenizerFormatError(`${PREFIX}${name} must be ${what}`);
}
