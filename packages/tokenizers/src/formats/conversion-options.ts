import type { JsonObject } from "@bearhug/core";
import { optional, parseBoolean, parseInteger, parseString } from "@bearhug/core";
import { TokenizerFormatError } from "../errors.ts";

/** What a vocabulary file does not say by itself. */
export interface ConversionOptions {
  /**
   * The fields of tokenizer_config.json, in its spelling; those of special_tokens_map.json may be among them. They
   * name special tokens and set the flags of the tokenizer class.
   */
  readonly config?: JsonObject | undefined;
  /**
   * Whose pipeline the vocabulary belongs to, e.g. "LlamaTokenizer"; an ending "Fast" makes no difference.
   * Default: `config.tokenizer_class`, and without it what the function says.
   */
  readonly tokenizerClass?: string | undefined;
}

/** The fields of tokenizer_config.json that a class reads. */
export class ClassConfig {
  readonly fields: JsonObject;

  constructor(fields: JsonObject = {}) {
    this.fields = fields;
  }

  flag(name: string, otherwise: boolean): boolean {
    return optional(this.fields[name], pathOf(name), parseBoolean) ?? otherwise;
  }

  integer(name: string, otherwise: number): number {
    const parse = (value: unknown, path: string) =>
      parseInteger(value, path, { min: 0, max: 10_000 });
    return optional(this.fields[name], pathOf(name), parse) ?? otherwise;
  }

  text(name: string): string | undefined {
    return optional(this.fields[name], pathOf(name), parseString);
  }
}

function pathOf(name: string): string {
  return `tokenizer_config.${name}`;
}

/** The class that is asked for, without "Fast"; `undefined` for none. */
export function classOf({ tokenizerClass, config }: ConversionOptions): string | undefined {
  const name = tokenizerClass ?? new ClassConfig(config).text("tokenizer_class");
  return name?.endsWith("Fast") ? name.slice(0, -"Fast".length) : name;
}

/** Runs a conversion; what it finds wrong in the files becomes the package's own error. */
export function converting<T>(convert: () => T): T {
  try {
    return convert();
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof SyntaxError) {
      throw new TokenizerFormatError(cause.message, { cause });
    }
    throw cause;
  }
}
