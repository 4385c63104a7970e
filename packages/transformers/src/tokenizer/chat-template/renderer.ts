import type { Budget } from "./budget.ts";
import { ChatTemplateError, TemplateFailure } from "./errors.ts";
import { Expressions } from "./expressions.ts";
import type { NodeLines } from "./node-lines.ts";
import { Scope } from "./scope.ts";
import type {
  CallStatement,
  Expression,
  FilterStatement,
  For,
  Macro,
  Parameter,
  Program,
  SetStatement,
  Statement,
} from "./syntax.ts";
import { GENERATION } from "./tags.ts";
import { toText } from "./text-form.ts";
import {
  type Arguments,
  Callable,
  isTrue,
  iterate,
  Loop,
  Namespace,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

/** UTF-16 units [start, end) of the rendered text. */
export type TextSpan = readonly [start: number, end: number];

export interface Rendered {
  readonly text: string;
  /** What `{% generation %}` blocks wrote: the assistant's own words. */
  readonly generated: readonly TextSpan[];
}

/** Steps that a round of a loop counts for: its names cost as much. */
const ROUND = 5;

/** What a block ends with. */
type Ending = "next" | "break" | "continue";

class Output {
  readonly parts: string[] = [];
  length = 0;

  write(text: string): void {
    this.parts.push(text);
    this.length += text.length;
  }
}

/** Runs the statements of one template once. */
export class Renderer {
  readonly #expressions: Expressions;
  readonly #budget: Budget;
  readonly #lines: NodeLines;
  readonly #main = new Output();
  readonly #generated: TextSpan[] = [];

  constructor(budget: Budget, lines: NodeLines) {
    this.#expressions = new Expressions(budget);
    this.#budget = budget;
    this.#lines = lines;
  }

  /** @throws {ChatTemplateError} with the line of the statement that fails. */
  render(program: Program, names: ReadonlyMap<string, Value>): Rendered {
    this.#body(program.body, new Scope(undefined, names), this.#main);
    return { text: this.#main.parts.join(""), generated: this.#generated };
  }

  #body(statements: readonly Statement[], scope: Scope, output: Output): Ending {
    for (const statement of statements) {
      const ending = this.#guarded(statement, scope, output);
      if (ending !== "next") return ending;
    }
    return "next";
  }

  #guarded(statement: Statement, scope: Scope, output: Output): Ending {
    try {
      return this.#statement(statement, scope, output);
    } catch (error) {
      const line = this.#lines.get(statement);
      if (line === undefined) throw error;
      if (error instanceof TemplateFailure) {
        throw new ChatTemplateError(error.failure, error.message, { line, cause: error });
      }
      // The engine's own limits: calls inside one another, and the length of a string.
      if (error instanceof RangeError) {
        throw new ChatTemplateError("limit", error.message, { line, cause: error });
      }
      throw error;
    }
  }

  #statement(node: Statement, scope: Scope, output: Output): Ending {
    switch (node.type) {
      case "Comment":
        return "next";
      case "Break":
        return "break";
      case "Continue":
        return "continue";
      case "If": {
        this.#budget.step();
        const isMet = isTrue(this.#expressions.evaluate(node.test, scope));
        return this.#body(isMet ? node.body : node.alternate, scope, output);
      }
      case "For":
        this.#loop(node, scope, output);
        return "next";
      case "Set":
        this.#set(node, scope);
        return "next";
      case "Macro":
        scope.set(node.name.value, this.#macro(node.name.value, node, scope));
        return "next";
      case "CallStatement":
        this.#write(this.#callBlock(node, scope), output);
        return "next";
      case "FilterStatement":
        this.#write(this.#filterBlock(node, scope), output);
        return "next";
      default:
        this.#write(toText(this.#expressions.evaluate(node, scope), this.#budget), output);
        return "next";
    }
  }

  #write(text: string, output: Output): void {
    output.write(this.#budget.text(text));
  }

  /** The text of a block that is not written at once. */
  #capture(body: readonly Statement[], scope: Scope): string {
    const output = new Output();
    this.#body(body, scope, output);
    return output.parts.join("");
  }

  #set({ assignee, value, body }: SetStatement, scope: Scope): void {
    const assigned = value
      ? this.#expressions.evaluate(value, scope)
      : this.#capture(body, new Scope(scope));
    this.#assign(assignee, assigned, scope);
  }

  #assign(target: Expression, value: Value, scope: Scope): void {
    if (target.type === "Identifier") {
      scope.set(target.value, value);
    } else if (target.type === "TupleLiteral") {
      this.#unpack(target.value, value, scope);
    } else if (target.type === "MemberExpression" && target.property.type === "Identifier") {
      const object = this.#expressions.evaluate(target.object, scope);
      if (!(object instanceof Namespace)) {
        throw new TemplateFailure(
          `cannot assign attribute on ${typeName(object)}, only on namespace`,
        );
      }
      object.fields.set(target.property.value, value);
    } else {
      throw new TemplateFailure("cannot assign to this", "syntax");
    }
  }

  #unpack(targets: readonly Expression[], value: Value, scope: Scope): void {
    const items = iterate(value);
    if (items.length !== targets.length) {
      throw new TemplateFailure(
        `cannot unpack ${items.length} values into ${targets.length} names`,
      );
    }
    targets.forEach((target, i) => {
      this.#assign(target, items[i], scope);
    });
  }

  #loop(node: For, scope: Scope, output: Output): void {
    const items = this.#loopItems(node, scope);
    if (items.length === 0) {
      this.#body(node.defaultBlock, scope, output);
      return;
    }
    for (const [index, value] of items.entries()) {
      this.#budget.step(ROUND);
      const inner = new Scope(scope, [["loop", new Loop(items, index)]]);
      this.#assign(node.loopvar, value, inner);
      if (this.#body(node.body, inner, output) === "break") return;
    }
  }

  #loopItems({ iterable, loopvar }: For, scope: Scope): readonly Value[] {
    if (iterable.type !== "SelectExpression") {
      return iterate(this.#expressions.evaluate(iterable, scope));
    }
    const all = iterate(this.#expressions.evaluate(iterable.lhs, scope));
    return all.filter((value) => {
      const inner = new Scope(scope);
      this.#assign(loopvar, value, inner);
      return isTrue(this.#expressions.evaluate(iterable.test, inner));
    });
  }

  #macro(name: string, { args, body }: Pick<Macro, "args" | "body">, scope: Scope): Callable {
    return new Callable(name, (given) => {
      const inner = new Scope(scope);
      this.#bind(args, given, inner);
      return this.#capture(body, inner);
    });
  }

  #bind(parameters: readonly Parameter[], given: Arguments, inner: Scope): void {
    const keywords = new Map(given.keywords);
    const { caller } = Object.fromEntries(keywords);
    parameters.forEach((parameter, i) => {
      const key = parameter.type === "Identifier" ? parameter.value : parameter.key.value;
      const isGiven = i < given.positional.length || keywords.has(key);
      const value = i < given.positional.length ? given.positional[i] : keywords.get(key);
      keywords.delete(key);
      const otherwise = parameter.type === "Identifier" ? undefined : parameter.value;
      const usual = isGiven || !otherwise ? value : this.#expressions.evaluate(otherwise, inner);
      inner.set(key, usual);
    });
    if (caller !== undefined) inner.set("caller", caller);
    keywords.delete("caller");
    inner.set("varargs", new TupleValue(given.positional.slice(parameters.length)));
    inner.set("kwargs", new Map(keywords));
  }

  #callBlock({ call, callerArgs, body }: CallStatement, scope: Scope): string {
    const caller = this.#macro("caller", { args: callerArgs ?? [], body }, scope);
    const { positional, keywords } = this.#expressions.arguments(call.args, scope);
    const callee = this.#expressions.evaluate(call.callee, scope);
    const args = { positional, keywords: new Map([...keywords, ["caller", caller]]) };
    return toText(this.#expressions.callValue(callee, args, "the called macro"), this.#budget);
  }

  #filterBlock({ filter, body }: FilterStatement, scope: Scope): string {
    const text = this.#capture(body, new Scope(scope));
    if (filter.type !== "Identifier" || filter.value !== GENERATION) {
      return toText(this.#expressions.filter(text, filter, scope), this.#budget);
    }
    const start = this.#main.length;
    this.#generated.push([start, start + text.length]);
    return text;
  }
}
