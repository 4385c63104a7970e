import {
  isObject,
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseObject,
  parseString,
  parseStrings,
} from "@bearhug/core";
import { TokenizerFormatError, UnsupportedComponentError } from "../errors.ts";

/** What a template puts in a row: a sequence, or one special token. */
export type TemplatePiece =
  | { readonly type: "sequence"; readonly sequence: 0 | 1; readonly typeId: number }
  | {
      readonly type: "special";
      readonly id: number;
      readonly token: string;
      readonly typeId: number;
    };

/** White space that is taken out of the offsets of byte-level tokens. */
export interface OffsetTrim {
  readonly addPrefixSpace: boolean;
}

/**
 * Every post-processor of tokenizer.json comes down to these three: the rows of a single text and of a pair, and
 * how offsets are trimmed before.
 */
export interface PostProcessor {
  readonly single: readonly TemplatePiece[];
  readonly pair: readonly TemplatePiece[];
  readonly trims: readonly OffsetTrim[];
  /**
   * Whether rows of what was cut off have the template's type ids too, when special tokens are added. Else their
   * tokens have the number of their sequence, as in the reference.
   */
  readonly typesOverflow?: boolean | undefined;
}

const FIRST: TemplatePiece = { type: "sequence", sequence: 0, typeId: 0 };
const SECOND: TemplatePiece = { type: "sequence", sequence: 1, typeId: 1 };

/** No post-processor: sequences one after the other. */
export const PLAIN: PostProcessor = { single: [FIRST], pair: [FIRST, SECOND], trims: [] };

export function parsePostProcessor(value: unknown, path: string): PostProcessor {
  const fields = parseObject(value, path);
  const processor = { ...parseFields(fields, path) };
  sources.set(processor, fields);
  return processor;
}

/** What processors were read from: they keep less than files say. */
const sources = new WeakMap<PostProcessor, JsonObject>();

/** The fields of the file that a processor was read from; `undefined` for one that was made otherwise. */
export function sourceOf(processor: PostProcessor): JsonObject | undefined {
  return sources.get(processor);
}

function parseFields(fields: JsonObject, path: string): PostProcessor {
  const type = parseString(fields["type"], `${path}.type`);
  switch (type) {
    case "TemplateProcessing":
      return parseTemplates(fields, path);
    case "BertProcessing": {
      const cls = special(parseTokenAndId(fields["cls"], `${path}.cls`), 0);
      const sep = parseTokenAndId(fields["sep"], `${path}.sep`);
      const single = [cls, FIRST, special(sep, 0)];
      return { single, pair: [...single, SECOND, special(sep, 1)], trims: [] };
    }
    case "RobertaProcessing":
      return parseRoberta(fields, path);
    case "ByteLevel":
      return { ...PLAIN, trims: parseTrims(fields, path) };
    case "Sequence": {
      const list = parseArray(fields["processors"], `${path}.processors`);
      return combine(
        list.map((item, i) => parsePostProcessor(item, `${path}.processors[${i}]`)),
        path,
      );
    }
    default:
      throw new UnsupportedComponentError(path, type);
  }
}

function special(token: readonly [string, number], typeId: number): TemplatePiece {
  return { type: "special", token: token[0], id: token[1], typeId };
}

function parseTokenAndId(value: unknown, path: string): [string, number] {
  const list = parseArray(value, path);
  return [parseString(list[0], `${path}[0]`), parseInteger(list[1], `${path}[1]`, { min: 0 })];
}

/** All type ids are 0, and a pair has two separators between its sequences. */
function parseRoberta(fields: JsonObject, path: string): PostProcessor {
  const cls = special(parseTokenAndId(fields["cls"], `${path}.cls`), 0);
  const sep = special(parseTokenAndId(fields["sep"], `${path}.sep`), 0);
  const single = [cls, FIRST, sep];
  const pair = [...single, sep, { ...SECOND, typeId: 0 }, sep];
  return { single, pair, trims: parseTrims(fields, path), typesOverflow: true };
}

function parseTrims(fields: JsonObject, path: string): OffsetTrim[] {
  const flag = (name: string) => optional(fields[name], `${path}.${name}`, parseBoolean) ?? true;
  return flag("trim_offsets") ? [{ addPrefixSpace: flag("add_prefix_space") }] : [];
}

/** One of them may lay out rows; the others may only trim, before it or after it. */
function combine(processors: readonly PostProcessor[], path: string): PostProcessor {
  const trims = processors.flatMap((processor) => processor.trims);
  const templates = processors.filter((processor) => processor.pair !== PLAIN.pair);
  const [template = PLAIN, another] = templates;
  if (another) throw new UnsupportedComponentError(path, "Sequence of several templates");
  return { ...template, trims };
}

function parseTemplates(fields: JsonObject, path: string): PostProcessor {
  const specials = parseSpecials(fields["special_tokens"], `${path}.special_tokens`);
  const parse = (name: string) =>
    parseArray(fields[name], `${path}.${name}`).flatMap((item, i) =>
      parsePiece(item, `${path}.${name}[${i}]`, specials),
    );
  return { single: parse("single"), pair: parse("pair"), trims: [] };
}

type Specials = ReadonlyMap<string, readonly (readonly [string, number])[]>;

/** One special token of a template may stand for several tokens. */
function parseSpecials(value: unknown, path: string): Specials {
  const specials = new Map<string, readonly (readonly [string, number])[]>();
  for (const [name, item] of Object.entries(parseObject(value, path))) {
    const at = `${path}[${JSON.stringify(name)}]`;
    const fields = parseObject(item, at);
    const tokens = parseStrings(fields["tokens"], `${at}.tokens`);
    const ids = parseArray(fields["ids"], `${at}.ids`).map((id, i) =>
      parseInteger(id, `${at}.ids[${i}]`, { min: 0 }),
    );
    if (ids.length !== tokens.length) {
      throw new TokenizerFormatError(`${at} must have as many ids as tokens`);
    }
    specials.set(
      name,
      tokens.map((token, i) => [token, ids[i]]),
    );
  }
  return specials;
}

function parsePiece(value: unknown, path: string, specials: Specials): TemplatePiece[] {
  const piece = parseObject(value, path);
  const kind = "Sequence" in piece ? "Sequence" : "SpecialToken";
  if (!isObject(piece[kind])) {
    throw new TokenizerFormatError(`${path} must hold a Sequence or a SpecialToken`);
  }
  const at = `${path}.${kind}`;
  const fields = parseObject(piece[kind], at);
  const typeId = parseInteger(fields["type_id"], `${at}.type_id`, { min: 0 });
  const id = parseString(fields["id"], `${at}.id`);
  if (kind === "Sequence") {
    if (id !== "A" && id !== "B") throw new TokenizerFormatError(`${at}.id must be "A" or "B"`);
    return [{ type: "sequence", sequence: id === "A" ? 0 : 1, typeId }];
  }
  const tokens = specials.get(id);
  if (!tokens) throw new TokenizerFormatError(`${at}.id "${id}" is not among special_tokens`);
  return tokens.map((token) => special(token, typeId));
}
