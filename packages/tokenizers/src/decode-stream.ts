import { DecodeStreamError } from "./errors.ts";
import type { DecodeOptions } from "./tokenizer.ts";

/** What a stream needs of a tokenizer. */
export interface StreamDecoder {
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  /** Whether an id has a part in the text; ids that have none need not be remembered. Default: all have. */
  shows?(id: number, options: DecodeOptions): boolean;
  /** Whether the last ids alone tell how a text ends. Default false. */
  readonly isEndLocal?: boolean;
}

/**
 * Ids to text, as they come: text is given out when it is whole, so no character is ever split.
 *
 * Source: the reference's `DecodeStream`; the same pieces come at the same ids.
 *
 * @example
 * const stream = tokenizer.decodeStream();
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
  /** Whether the text of all ids ends inside a character. */
  #isCut = false;

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
    // What has no text so far will not be given out again.
    if (this.#prefix === "" && !this.#isCut) this.#prefixIds = this.#ids.length;
    if (typeof ids === "number") this.#push(ids);
    else for (const id of ids) this.#push(id);
    this.#isCut = this.#isOpen();
    if (this.#isCut) return undefined;
    const text = this.#decode();
    this.#isCut = text.endsWith(REPLACEMENT);
    if (this.#isCut || byteLength(text) <= byteLength(this.#prefix)) return undefined;
    if (!text.startsWith(this.#prefix)) throw new DecodeStreamError(this.#prefix, text);
    const fresh = text.slice(this.#prefix.length);
    const kept = this.#ids.slice(this.#prefixIds);
    this.#prefixIds = kept.length;
    this.#ids = kept;
    this.#prefix = this.#decode();
    return fresh;
  }

  #push(id: number): void {
    if (this.#decoder.shows?.(id, this.#options) ?? true) this.#ids.push(id);
  }

  /**
   * Whether the text is sure to end inside a character, though most of it is not looked at: ids that make no
   * character, one after the other, must not make each step longer.
   */
  #isOpen(): boolean {
    if (!this.#decoder.isEndLocal || this.#ids.length < LONG) return false;
    // A character has up to four bytes, so one of these begins where one does. Four U+FFFD are more than its rest.
    return [0, 1, 2, 3].every((skipped) => {
      const end = this.#decoder.decode(this.#ids.slice(skipped - TAIL), this.#options);
      return end.length > 3 && end.endsWith(REPLACEMENT);
    });
  }

  #decode(): string {
    return this.#decoder.decode(this.#ids, this.#options);
  }
}

const REPLACEMENT = "\ufffd";
/** So many ids without text are not decoded again and again; the last of them tell enough. */
const LONG = 64;
const TAIL = 16;
const encoder = new TextEncoder();

function byteLength(text: string): number {
  return encoder.encode(text).length;
}
