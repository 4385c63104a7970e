import {
  beginText,
  endText,
  ID_WINDOW,
  isShown,
  isWindowFull,
  keepPiece,
  loadedId,
  loadIds,
  MAX_PIECE,
  MAX_TAG,
  PIECE_KINDS,
  type TokenPiece,
  takeText,
  type WriteOptions,
  writeIds,
} from "./byte-window.ts";
import { byteLevelBytes, fallbackByte } from "./bytes.ts";
import { createDecodePlan, type DecodePlan } from "./decode-plan.ts";
import { createDecoder, type Decoder, type DecoderDefinition } from "./decoder.ts";

/** What a decoder asks of a vocabulary. */
export interface DecodeSource {
  idToToken(id: number): string | undefined;
  /** Whether a token is left out with `skipSpecialTokens`. */
  isSpecial(token: string): boolean;
}

/** Ids [from, to), and how they are written. */
interface IdRun extends WriteOptions {
  readonly from: number;
  readonly to: number;
}

/** Ids to text. Where the decoder has a plan, tokens are turned into bytes once. */
export class TokenDecoder {
  readonly #source: DecodeSource;
  readonly #decoder: Decoder;
  readonly #plan: DecodePlan | undefined;
  /** The tag of most tokens, and that of the first or last one where it differs. */
  #tag = 0;
  #edgeTag = 0;

  constructor(definition: DecoderDefinition | undefined, source: DecodeSource) {
    this.#source = source;
    this.#decoder = createDecoder(definition);
    this.#plan = createDecodePlan(definition);
  }

  decode(ids: ArrayLike<number>, skipsSpecial: boolean): string {
    const plan = this.#plan;
    const text = plan && this.#hasTags() ? this.#decodeByPlan(ids, plan, skipsSpecial) : undefined;
    if (text === undefined) return this.decodeSlowly(ids, skipsSpecial);
    return plan?.finish ? plan.finish([text]).join("") : text;
  }

  /** The same, token by token through the whole decoder. */
  decodeSlowly(ids: ArrayLike<number>, skipsSpecial: boolean): string {
    const tokens: string[] = [];
    for (let i = 0; i < ids.length; i++) {
      if (this.shows(ids[i], skipsSpecial)) tokens.push(this.#source.idToToken(ids[i]) ?? "");
    }
    return this.#decoder(tokens).join("");
  }

  /** Whether an id has a part in the text. */
  shows(id: number, skipsSpecial: boolean): boolean {
    const token = this.#source.idToToken(id);
    return token !== undefined && (!skipsSpecial || !this.#source.isSpecial(token));
  }

  /** Whether the last ids alone tell how a text ends. */
  get isEndLocal(): boolean {
    return this.#plan?.isEndLocal ?? false;
  }

  #hasTags(): boolean {
    if (this.#tag === 0 && lastTag + 2 <= MAX_TAG) {
      this.#edgeTag = ++lastTag;
      this.#tag = ++lastTag;
    }
    return this.#tag > 0;
  }

  /** `undefined` where a piece cannot be kept, or a run of bytes is too long. */
  #decodeByPlan(
    ids: ArrayLike<number>,
    { edge }: DecodePlan,
    skipsSpecial: boolean,
  ): string | undefined {
    const { length } = ids;
    const most = { from: 0, to: length, tag: this.#tag, skipsSpecial };
    beginText();
    if (edge === "none") return this.#endText(this.#write(ids, most));
    const atEdge = { tag: this.#edgeTag, skipsSpecial };
    const at = this.#firstShown(ids, edge === "start" ? 1 : -1, atEdge);
    if (at === undefined) return undefined;
    if (at < 0 || at >= length) return "";
    const alone = { from: at, to: at + 1, ...atEdge };
    const runs =
      edge === "start" ? [alone, { ...most, from: at + 1 }] : [{ ...most, to: at }, alone];
    let text = "";
    for (const run of runs) {
      const taken = this.#write(ids, run);
      if (taken === undefined) return undefined;
      text += taken;
    }
    return this.#endText(text);
  }

  /** `taken`, which is `undefined` when the text could not be written, and what is left in the window. */
  #endText(taken: string | undefined): string | undefined {
    if (taken === undefined) return undefined;
    return taken === "" ? endText() : taken + endText();
  }

  /** From the start or from the end; outside of the ids when none is shown, `undefined` when one cannot be kept. */
  #firstShown(ids: ArrayLike<number>, step: 1 | -1, options: WriteOptions): number | undefined {
    let at = step > 0 ? 0 : ids.length - 1;
    while (at >= 0 && at < ids.length) {
      loadIds(ids, at, at + 1);
      const shown = isShown(0, options);
      if (shown === true) break;
      if (shown === false) at += step;
      else if (!this.#keep(loadedId(0), options.tag)) return undefined;
    }
    return at;
  }

  /** What had to be taken out of the window while ids of a run were written. */
  #write(ids: ArrayLike<number>, run: IdRun): string | undefined {
    const { from, to } = run;
    let text = "";
    for (let start = from; start < to; start += ID_WINDOW) {
      const count = Math.min(ID_WINDOW, to - start);
      loadIds(ids, start, start + count);
      let i = writeIds(0, count, run);
      while (i < count) {
        if (isWindowFull()) {
          const taken = takeText();
          if (taken === undefined) return undefined;
          text += taken;
        } else if (!this.#keep(loadedId(i), run.tag)) {
          return undefined;
        }
        i = writeIds(i, count, run);
      }
    }
    return text;
  }

  /** Whether the piece of an id could be kept. */
  #keep(id: number, tag: number): boolean {
    const piece = this.#pieceOf(id, tag === this.#edgeTag);
    if (piece) keepPiece(tag, id, piece);
    return piece !== undefined;
  }

  #pieceOf(id: number, isAtEdge: boolean): TokenPiece | undefined {
    const token = this.#source.idToToken(id);
    if (token === undefined) return ABSENT;
    const { tokenText, join } = this.#plan as DecodePlan; // only plans ask for pieces
    const text = tokenText(token, isAtEdge);
    const kind = this.#source.isSpecial(token) ? PIECE_KINDS.special : PIECE_KINDS.text;
    const byte = join === "fallback" ? fallbackByte(text) : -1;
    if (byte >= 0) {
      // A byte that can be left out is nothing to keep; nobody makes such tokens.
      if (kind === PIECE_KINDS.special) return undefined;
      return { kind: PIECE_KINDS.byte, bytes: Uint8Array.of(byte) };
    }
    const bytes = join === "bytes" ? byteLevelBytes(text) : encoder.encode(text);
    return bytes.length > MAX_PIECE ? undefined : { kind, bytes };
  }
}

let lastTag = 0;

const encoder = new TextEncoder();
const ABSENT: TokenPiece = { kind: PIECE_KINDS.absent, bytes: new Uint8Array(0) };
