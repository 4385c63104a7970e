import type { Program, Statement } from "./syntax.ts";
import type { Tag } from "./tags.ts";

/** A token of the parser, as far as it is looked at here. */
export interface TemplateToken {
  readonly type: string;
  readonly value: string;
}

const OPENINGS: ReadonlySet<string> = new Set(["OpenStatement", "OpenExpression", "Comment"]);

/** Lines of the statements of a template, and which expressions are written out. */
export type NodeLines = ReadonlyMap<Statement, number>;

/** Walks tokens and tree side by side: each opening token is a tag, and begins or ends a statement. */
export function nodeLines(
  program: Program,
  tokens: readonly TemplateToken[],
  tags: readonly Tag[],
): NodeLines {
  const walker = new Walker(tokens, tags);
  walker.body(program.body);
  return walker.lines;
}

/** The line of the tag that a token belongs to. */
export function lineOfToken(
  tokens: readonly TemplateToken[],
  tags: readonly Tag[],
  index: number,
): number | undefined {
  const before = tokens.slice(0, index + 1).filter(({ type }) => OPENINGS.has(type)).length;
  return tags[Math.max(0, before - 1)]?.line;
}

class Walker {
  readonly lines = new Map<Statement, number>();
  readonly #marks: readonly {
    readonly type: string;
    readonly keyword: string;
    readonly line: number;
  }[];
  #at = 0;

  constructor(tokens: readonly TemplateToken[], tags: readonly Tag[]) {
    let tag = 0;
    this.#marks = tokens.flatMap(({ type }) => {
      if (type === "Text") return [{ type, keyword: "", line: 0 }];
      if (!OPENINGS.has(type)) return [];
      const { keyword = "", line = 0 } = tags[tag++] ?? {};
      return [{ type, keyword, line }];
    });
  }

  body(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(node: Statement): void {
    const mark = this.#marks[this.#at++];
    if (!mark || mark.type === "Text") return;
    this.lines.set(node, mark.line);
    switch (node.type) {
      case "If":
        this.#branches(node.body, node.alternate);
        return;
      case "For":
        this.body(node.body);
        if (this.#next("else")) this.body(node.defaultBlock);
        this.#at++;
        return;
      case "Set":
        if (node.value === null) this.#block(node.body);
        return;
      case "Macro":
      case "CallStatement":
      case "FilterStatement":
        this.#block(node.body);
        return;
      default:
        return;
    }
  }

  #block(body: readonly Statement[]): void {
    this.body(body);
    this.#at++;
  }

  #branches(body: readonly Statement[], alternate: readonly Statement[]): void {
    this.body(body);
    const line = this.#marks[this.#at]?.line ?? 0;
    const [other] = alternate;
    if (other?.type === "If" && this.#next("elif")) {
      this.lines.set(other, line);
      this.#branches(other.body, other.alternate);
      return;
    }
    if (this.#next("else")) this.body(alternate);
    this.#at++;
  }

  /** Takes the next tag when it is this one. */
  #next(keyword: string): boolean {
    if (this.#marks[this.#at]?.keyword !== keyword) return false;
    this.#at++;
    return true;
  }
}
