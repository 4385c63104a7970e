import { createDecoder, type Decoder, type DecoderDefinition } from "./decoder.ts";

/**
 * A decoder as three steps: each token becomes text on its own, the texts are joined, and the whole is rewritten.
 * Only one token, the first or the last, may depend on where it stands, so that texts of all others can be kept.
 */
export interface DecodePlan {
  readonly tokenText: (token: string, isAtEdge: boolean) => string;
  /** Whether {@link tokenText} differs for the first token, or for the last. */
  readonly edge: "none" | "start" | "end";
  /** Whether the texts are letters of the byte alphabet, may be bytes such as `<0x61>`, or are text already. */
  readonly join: "bytes" | "fallback" | "text";
  /** What is done with the whole text. */
  readonly finish: Decoder | undefined;
  /** Whether the last tokens alone tell how the text ends. */
  readonly isEndLocal: boolean;
}

/** The plan of a decoder; `undefined` for one that has none. */
export function createDecodePlan(
  definition: DecoderDefinition | undefined,
): DecodePlan | undefined {
  if (!definition) {
    // A space stands between tokens.
    const tokenText = (token: string, isFirst: boolean) => (isFirst ? token : ` ${token}`);
    return { tokenText, edge: "start", join: "text", finish: undefined, isEndLocal: true };
  }
  const steps = flatten(definition);
  const single = steps.findIndex((step) => !TOKENWISE.has(step.type));
  const tokenwise = steps.slice(0, single < 0 ? steps.length : single);
  const [join, rest] = splitJoin(steps.slice(tokenwise.length));
  const edge = edgeOf(tokenwise);
  if (!rest || !edge) return undefined;
  return {
    tokenText: inTurn(tokenwise, edge),
    edge,
    join,
    finish: rest.length === 0 ? undefined : createDecoder({ type: "Sequence", decoders: rest }),
    isEndLocal: rest.every((step) => step.type === "Strip" && step.stop === 0),
  };
}

function flatten(definition: DecoderDefinition): readonly DecoderDefinition[] {
  return definition.type === "Sequence" ? definition.decoders.flatMap(flatten) : [definition];
}

const TOKENWISE: ReadonlySet<string> = new Set([
  "WordPiece",
  "Metaspace",
  "BPEDecoder",
  "Replace",
  "Strip",
]);

/** The token that its place matters to; `undefined` when both ends do. */
function edgeOf(steps: readonly DecoderDefinition[]): DecodePlan["edge"] | undefined {
  const atStart = steps.some(({ type }) => type === "WordPiece" || type === "Metaspace");
  const atEnd = steps.some(({ type }) => type === "BPEDecoder");
  if (atStart && atEnd) return undefined;
  if (atStart) return "start";
  return atEnd ? "end" : "none";
}

/** How texts are joined, and the steps that see them as one; no steps when something else is needed. */
function splitJoin(
  steps: readonly DecoderDefinition[],
): readonly [DecodePlan["join"], (readonly DecoderDefinition[])?] {
  const [first, second] = steps;
  if (!first) return ["text", []];
  if (first.type === "ByteLevel") return ["bytes", steps.slice(1)];
  if (first.type === "Fuse") return ["text", steps.slice(1)];
  if (first.type !== "ByteFallback") return ["text"];
  if (!second) return ["fallback", []];
  return second.type === "Fuse" ? ["fallback", steps.slice(2)] : ["fallback"];
}

/** One token through decoders that look at each alone; a neighbour tells those that ask for its place. */
function inTurn(
  steps: readonly DecoderDefinition[],
  edge: DecodePlan["edge"],
): DecodePlan["tokenText"] {
  const decoders = steps.map(createDecoder);
  return (token, isAtEdge) => {
    let text = token;
    for (const decode of decoders) {
      if (edge === "none" || isAtEdge) [text] = decode([text]);
      else text = edge === "start" ? decode(["", text])[1] : decode([text, ""])[0];
    }
    return text;
  };
}
