import { ArgumentReader } from "./arguments.ts";
import { attribute, item, slice } from "./attributes.ts";
import type { Budget } from "./budget.ts";
import { TemplateFailure } from "./errors.ts";
import { FILTERS } from "./filters.ts";
import { operate } from "./operators.ts";
import type { Scope } from "./scope.ts";
import type { Call, Expression, Member, Name } from "./syntax.ts";
import { TESTS } from "./tests.ts";
import {
  type Arguments,
  Callable,
  Float,
  isDict,
  isTrue,
  iterate,
  keyOf,
  numberOf,
  TupleValue,
  typeName,
  type Value,
} from "./values.ts";

const NOTHING: Arguments = { positional: [], keywords: new Map() };

/** Works out expressions. */
export class Expressions {
  readonly #budget: Budget;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  evaluate(node: Expression, scope: Scope): Value {
    this.#budget.step();
    switch (node.type) {
      case "StringLiteral":
      case "IntegerLiteral":
        return node.value;
      case "FloatLiteral":
        return new Float(node.value);
      case "Identifier":
        return scope.get(node.value);
      case "MemberExpression":
        return this.#member(node, scope);
      case "CallExpression":
        return this.#call(node, scope);
      case "FilterExpression":
        return this.filter(this.evaluate(node.operand, scope), node.filter, scope);
      case "BinaryExpression":
        return this.#binary(node, scope);
      default:
        return this.#other(node, scope);
    }
  }

  /** Passes a value through a filter. */
  filter(value: Value, filter: Name | Call, scope: Scope): Value {
    const [name, args] = this.#named(filter, scope);
    return this.#runFilter(name, value, args);
  }

  /** Calls a macro, a function or a method. */
  callValue(callee: Value, args: Arguments, name: string): Value {
    if (callee instanceof Callable) return this.#budget.enter(() => callee.call(args));
    throw new TemplateFailure(
      callee === undefined
        ? `${name} is undefined`
        : `'${typeName(callee)}' object is not callable`,
    );
  }

  arguments(nodes: readonly Expression[], scope: Scope): Arguments {
    const positional: Value[] = [];
    const keywords = new Map<string, Value>();
    for (const node of nodes) {
      if (node.type === "KeywordArgumentExpression") {
        keywords.set(node.key.value, this.evaluate(node.value, scope));
      } else if (node.type === "SpreadExpression") {
        positional.push(...iterate(this.evaluate(node.argument, scope)));
      } else if (node.type === "KeywordSpreadExpression") {
        for (const [key, value] of this.#mapping(node.argument, scope)) {
          keywords.set(String(key), value);
        }
      } else {
        positional.push(this.evaluate(node, scope));
      }
    }
    return { positional, keywords };
  }

  #mapping(node: Expression, scope: Scope): ReadonlyMap<Value, Value> {
    const value = this.evaluate(node, scope);
    if (isDict(value)) return value;
    throw new TemplateFailure(`argument after ** must be a mapping, not ${typeName(value)}`);
  }

  #other(node: Expression, scope: Scope): Value {
    switch (node.type) {
      case "ArrayLiteral":
        return node.value.map((element) => this.evaluate(element, scope));
      case "TupleLiteral":
        return new TupleValue(node.value.map((element) => this.evaluate(element, scope)));
      case "ObjectLiteral": {
        const entries = [...node.value].map(
          ([key, value]) =>
            [keyOf(this.evaluate(key, scope)), this.evaluate(value, scope)] as const,
        );
        return new Map(entries);
      }
      case "TestExpression": {
        const passes = this.#runTest(node.test.value, this.evaluate(node.operand, scope));
        return passes !== node.negate;
      }
      case "UnaryExpression":
        return this.#unary(node.operator.value, this.evaluate(node.argument, scope));
      case "Ternary": {
        const isMet = isTrue(this.evaluate(node.condition, scope));
        return this.evaluate(isMet ? node.trueExpr : node.falseExpr, scope);
      }
      case "SelectExpression":
        return isTrue(this.evaluate(node.test, scope)) ? this.evaluate(node.lhs, scope) : undefined;
      default:
        throw new TemplateFailure(`unexpected ${node.type}`, "syntax");
    }
  }

  #binary(node: Extract<Expression, { type: "BinaryExpression" }>, scope: Scope): Value {
    const operator = node.operator.value;
    const left = this.evaluate(node.left, scope);
    if (operator === "and") return isTrue(left) ? this.evaluate(node.right, scope) : left;
    if (operator === "or") return isTrue(left) ? left : this.evaluate(node.right, scope);
    return operate(operator, [left, this.evaluate(node.right, scope)], this.#budget);
  }

  #unary(operator: string, value: Value): Value {
    if (operator === "not") return !isTrue(value);
    const number = numberOf(value);
    if (number === undefined) {
      throw new TemplateFailure(`bad operand type for unary ${operator}: '${typeName(value)}'`);
    }
    const result = operator === "-" ? -number : number;
    return value instanceof Float ? new Float(result) : result;
  }

  #member(node: Member, scope: Scope): Value {
    const object = this.evaluate(node.object, scope);
    if (object === undefined) throw new TemplateFailure(`${nameOf(node.object)} is undefined`);
    const { property } = node;
    if (property.type === "SliceExpression") {
      const bound = (part: Expression | undefined) =>
        part === undefined ? undefined : this.evaluate(part, scope);
      const bounds = [bound(property.start), bound(property.stop), bound(property.step)] as const;
      return slice(object, bounds, this.#budget);
    }
    if (node.computed) return item(object, this.evaluate(property, scope), this.#budget);
    if (property.type === "IntegerLiteral") return item(object, property.value, this.#budget);
    const name = property.type === "Identifier" ? property.value : "";
    return attribute(object, name, this.#budget);
  }

  #call(node: Call, scope: Scope): Value {
    const callee = this.evaluate(node.callee, scope);
    return this.callValue(callee, this.arguments(node.args, scope), nameOf(node.callee));
  }

  #named(node: Name | Call, scope: Scope): readonly [string, Arguments] {
    if (node.type === "Identifier") return [node.value, NOTHING];
    const name = node.callee.type === "Identifier" ? node.callee.value : "";
    return [name, this.arguments(node.args, scope)];
  }

  #runFilter(name: string, value: Value, args: Arguments): Value {
    const filter = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined;
    if (!filter) throw new TemplateFailure(`No filter named '${name}'.`, "syntax");
    this.#budget.step();
    if (typeof value === "string") this.#budget.make(value.length);
    const result = filter(value, {
      args: new ArgumentReader(name, args),
      budget: this.#budget,
      filter: (inner, each, given) => this.#runFilter(inner, each, given.all),
      test: (inner, each, given) => this.#runTest(inner, each, given.all),
    });
    return typeof result === "string" ? this.#budget.text(result) : result;
  }

  #runTest(name: string, value: Value, args: Arguments = NOTHING): boolean {
    const test = Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
    if (!test) throw new TemplateFailure(`No test named '${name}'.`, "syntax");
    this.#budget.step();
    return test(value, new ArgumentReader(name, args));
  }
}

/** How an expression is called in messages. */
function nameOf(node: Expression): string {
  if (node.type === "Identifier") return `'${node.value}'`;
  if (node.type !== "MemberExpression") return "a value";
  const { property } = node;
  if (property.type === "Identifier" && !node.computed) return `'${property.value}'`;
  return property.type === "StringLiteral" ? `'${property.value}'` : "an item";
}
