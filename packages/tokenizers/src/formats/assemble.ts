import { type AddedToken, assignIds } from "../added-tokens.ts";
import { TokenizerFormatError } from "../errors.ts";
import type { PostProcessor, TemplatePiece } from "../post-processors/post-processor.ts";
import type { TokenizerDefinition } from "../schema.ts";
import type { ClassConfig } from "./conversion-options.ts";
import { listAddedTokens, type SpecialTokens } from "./special-tokens.ts";

/**
 * Rows of a single text and of a pair, such as "cls A sep" and "cls A sep B:1 sep:1": names of special tokens, or "="
 * and a token itself; behind a colon the type id.
 */
export interface Rows {
  readonly single: string;
  readonly pair: string;
  /** Trims white space out of the offsets of byte-level tokens. */
  readonly trims?: PostProcessor["trims"];
  /** As RoBERTa's post-processor has it. */
  readonly typesOverflow?: true;
}

/** What a class makes of its files, without what the special tokens add. */
export interface Pipeline extends Omit<TokenizerDefinition, "addedTokens" | "postProcessor"> {
  readonly specials: SpecialTokens;
  /** Special tokens that the class adds when the config lists none. */
  readonly extra?: readonly AddedToken[] | undefined;
  /** Default: begin and end tokens as `add_bos_token` and `add_eos_token` say. */
  readonly rows?: Rows | undefined;
  /** The vocabulary's file, for messages. */
  readonly file: string;
}

/** Puts the special tokens in, and the post-processor that needs their ids. */
export function assemble(pipeline: Pipeline, config: ClassConfig): TokenizerDefinition {
  const { specials, extra, rows, file, ...stages } = pipeline;
  const addedTokens = listAddedTokens(specials, extra);
  const { vocabulary } = pipeline.model;
  const assigned = assignIds(addedTokens, vocabulary);
  const idOf = (token: string) => assigned.get(token)?.id ?? vocabulary.id(token);
  const find = (word: string): readonly [token: string, id: number] => {
    const token = word.startsWith("=") ? word.slice(1) : specials.named.get(word)?.content;
    if (token === undefined) throw new TokenizerFormatError(`${file} needs a "${word}_token"`);
    const id = idOf(token) ?? idOf(specials.named.get("unk")?.content ?? "");
    if (id === undefined) throw new TokenizerFormatError(`${file} has no token "${token}"`);
    return [token, id];
  };
  const layout = rows ?? beginAndEnd(specials, config);
  return {
    ...stages,
    addedTokens,
    postProcessor: {
      single: layOut(layout.single, find),
      pair: layOut(layout.pair, find),
      trims: layout.trims ?? [],
      ...(layout.typesOverflow ? { typesOverflow: true } : {}),
    },
  };
}

/** The row of classes that have none of their own. */
export function beginAndEnd({ named }: SpecialTokens, config: ClassConfig): Rows {
  const bos = config.flag("add_bos_token", false) && named.has("bos");
  const eos = config.flag("add_eos_token", false) && named.has("eos");
  const row = (sequence: string, typeId: number) =>
    `${bos ? `bos:${typeId} ` : ""}${sequence}:${typeId}${eos ? ` eos:${typeId}` : ""}`;
  return { single: row("A", 0), pair: `${row("A", 0)} ${row("B", 1)}` };
}

/** Whether the config itself says something about begin and end tokens. */
export function choosesBeginAndEnd({ fields }: ClassConfig): boolean {
  return "add_bos_token" in fields || "add_eos_token" in fields;
}

function layOut(
  row: string,
  find: (word: string) => readonly [token: string, id: number],
): readonly TemplatePiece[] {
  return row.split(" ").map((item) => {
    const [, word, digits] = /^(.+?)(?::(\d))?$/u.exec(item) ?? [];
    const typeId = Number(digits ?? 0);
    if (word === "A" || word === "B") {
      return { type: "sequence", sequence: word === "A" ? 0 : 1, typeId };
    }
    const [token, id] = find(word);
    return { type: "special", token, id, typeId };
  });
}
