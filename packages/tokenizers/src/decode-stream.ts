import { DecodeStreamError } from "./errors.ts";
import type { DecodeOptions } from "./tokenizer.ts";

/** What a stream needs of a tokenizer. */
export interface StreamDecoder {
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
}

/**
 * Ids to text, as they come: text is given out when it is whole, so no character is ever split.
 *
 * Source: the reference's `DecodeStream`; the same pieces come at the same ids.
 *
 * @example
 * const stream = new DecodeStream(tokenizer);
 * for (const id of ids) process.stdout.write(stream.step(id) ?? "");
 */
export class DecodeStream {
  readonly #decoder: StreamDecoder;
  readonly #options: DecodeOptions;
  /** Ids whose text may still matter to what follows. */
  #ids: number[] = [];
  /** Text of the first ids, which has been given out. */
  #prefix = "";
  #prefixIds = 0;

  constructor(decoder: StreamDecoder, options: DecodeOptions = {}) {
    this.#decoder = decoder;
    this.#options = options;
  }

  /**
   * Takes one id, or several; gives the text that is whole now, `undefined` when nothing is.
   *
   * @throws {DecodeStreamError} when the decoder changes text that was given out.
   */
  step(ids: number | Iterable<number>): string | undefined {
    if (this.#prefix === "" && this.#ids.length > 0) {
      const prefix = this.#decode();
      if (!prefix.endsWith(REPLACEMENT)) {
        this.#prefix = prefix;
        this.#prefixIds = this.#ids.length;
      }
    }
    if (typeof ids === "number") this.#ids.push(ids);
    else this.#ids.push(...ids);
    const text = this.#decode();
    if (byteLength(text) <= byteLength(this.#prefix) || text.endsWith(REPLACEMENT)) {
      return undefined;
    }
    if (!text.startsWith(this.#prefix)) throw new DecodeStreamError(this.#prefix, text);
    const fresh = text.slice(this.#prefix.length);
    const kept = this.#ids.slice(this.#prefixIds);
    this.#prefixIds = kept.length;
    this.#ids = kept;
    this.#prefix = this.#decode();
    return fresh;
  }

  #decode(): string {
    return this.#decoder.decode(this.#ids, this.#options);
  }
}

const REPLACEMENT = "\ufffd";
const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
