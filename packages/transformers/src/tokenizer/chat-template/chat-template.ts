import { parse, tokenize } from "@huggingface/jinja";
import { Budget, type Limits } from "./budget.ts";
import { ChatTemplateError, TemplateFailure } from "./errors.ts";
import { globalNames } from "./globals.ts";
import { lineOfToken, type NodeLines, nodeLines } from "./node-lines.ts";
import { type Rendered, Renderer } from "./renderer.ts";
import type { Program } from "./syntax.ts";
import { findTags, rewriteGeneration, type Tag, UnclosedTag } from "./tags.ts";
import { fromData, type Value } from "./values.ts";

/** Longer templates are refused: the parser's time grows faster than its text. */
const LONGEST = 1 << 20;
/** More white space in a row is refused for the same reason. */
const LONGEST_GAP = 1000;

export interface RenderOptions {
  /** The time that `strftime_now` tells. Default: the present one. */
  readonly now?: (() => Date) | undefined;
  readonly limits?: Limits | undefined;
}

/**
 * A chat template, ready to run. It is Jinja as transformers runs it: read by @huggingface/jinja, run here with the
 * meaning that Python gives to values, within bounds of steps and text.
 */
export class ChatTemplate {
  readonly source: string;
  readonly #program: Program;
  readonly #lines: NodeLines;

  /** @throws {ChatTemplateError} with the line that cannot be read. */
  constructor(source: string) {
    this.source = source;
    const { program, lines } = compile(source.replace(/\r\n?/gu, "\n"));
    this.#program = program;
    this.#lines = lines;
  }

  /** @throws {ChatTemplateError} with the line that fails. */
  render(variables: Readonly<Record<string, unknown>>, options: RenderOptions = {}): Rendered {
    const budget = new Budget(options.limits);
    const names = new Map(globalNames(budget, options.now ?? (() => new Date())));
    for (const [name, value] of Object.entries(variables)) {
      if (value !== undefined) names.set(name, readData(name, value));
    }
    return new Renderer(budget, this.#lines).render(this.#program, names);
  }
}

function readData(name: string, value: unknown): Value {
  try {
    return fromData(value);
  } catch (error) {
    if (!(error instanceof TemplateFailure)) throw error;
    throw new ChatTemplateError(error.failure, `${name}: ${error.message}`, { cause: error });
  }
}

function compile(source: string): { readonly program: Program; readonly lines: NodeLines } {
  checkSize(source);
  const tags = readTags(source);
  const rewritten = rewriteGeneration(source, tags);
  const tokens = readTokens(rewritten, source, tags);
  const program = readProgram(tokens, tags);
  return { program, lines: nodeLines(program, tokens, tags) };
}

function checkSize(source: string): void {
  if (source.length > LONGEST) {
    throw new ChatTemplateError("limit", `it is longer than ${LONGEST} characters`);
  }
  if (new RegExp(`\\s{${LONGEST_GAP}}`, "u").test(source)) {
    throw new ChatTemplateError(
      "limit",
      `it has ${LONGEST_GAP} characters of white space in a row`,
    );
  }
}

function readTags(source: string): readonly Tag[] {
  try {
    return findTags(source);
  } catch (error) {
    if (!(error instanceof UnclosedTag)) throw error;
    throw new ChatTemplateError("syntax", error.message, { line: error.line, cause: error });
  }
}

type Tokens = ReturnType<typeof tokenize>;

const OPTIONS = { lstrip_blocks: true, trim_blocks: true } as const;

function readTokens(rewritten: string, source: string, tags: readonly Tag[]): Tokens {
  try {
    return tokenize(rewritten, OPTIONS);
  } catch (error) {
    const bad = tags.find(({ start, end }) => !isReadable(source.slice(start, end)));
    throw syntaxError(error, bad?.line);
  }
}

function isReadable(tag: string): boolean {
  try {
    tokenize(tag, OPTIONS);
    return true;
  } catch {
    return false;
  }
}

function readProgram(tokens: Tokens, tags: readonly Tag[]): Program {
  try {
    // The parser's classes have these fields.
    return parse(tokens) as unknown as Program;
  } catch (error) {
    throw syntaxError(error, lineOfToken(tokens, tags, furthest(tokens)));
  }
}

/** How far the parser comes: the last token that it looks at. */
function furthest(tokens: Tokens): number {
  let last = 0;
  const watched = new Proxy(tokens, {
    get(target, key) {
      const index = typeof key === "string" ? Number(key) : Number.NaN;
      if (index < target.length) last = Math.max(last, index);
      return Reflect.get(target, key);
    },
  });
  try {
    parse(watched);
  } catch {
    // It fails as it did before; only the way there was wanted.
  }
  return last;
}

function syntaxError(error: unknown, line: number | undefined): ChatTemplateError {
  if (error instanceof RangeError) {
    return new ChatTemplateError("limit", "it is nested too deep", { line, cause: error });
  }
  const isParsers = error instanceof Error && !(error instanceof TemplateFailure);
  // Past the last token the parser trips over `undefined`: an end is missing.
  const isCut = error instanceof TypeError;
  const reason = isCut ? "it ends before its blocks do" : isParsers ? error.message : String(error);
  return new ChatTemplateError("syntax", reason.replace(/^Parser Error: /u, ""), {
    line,
    cause: error,
  });
}
