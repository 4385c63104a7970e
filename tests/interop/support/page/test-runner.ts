// Stands in for `vitest` inside a page: the same test files, the same `expect`, the browser's engine.
import {
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import * as chai from "chai";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect: Chai.ExpectStatic = chai.expect;
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, configurable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false }, expect as never);

type Body = (...parameters: readonly unknown[]) => unknown;

interface Entry {
  readonly name: string;
  readonly run: () => unknown;
}

/** What a page says about one test file. */
export interface FileReport {
  readonly passed: number;
  readonly left: readonly string[];
  readonly failed: readonly string[];
}

let entries: Entry[] = [];
let left: string[] = [];
let group: readonly string[] = [];

function add(name: string, ...rest: readonly unknown[]): void {
  const body = rest.find((part) => typeof part === "function") as Body;
  const path = [...group, name].join(" > ");
  entries.push({ name: path, run: () => body() });
}

function each(cases: readonly unknown[]) {
  return (name: string, ...rest: readonly unknown[]): void => {
    const body = rest.find((part) => typeof part === "function") as Body;
    cases.forEach((item, i) => {
      const parameters = Array.isArray(item) ? item : [item];
      add(`${name} #${i}`, () => body(...parameters));
    });
  };
}

const runIf =
  (condition: unknown) =>
  (name: string, ...rest: readonly unknown[]): void => {
    if (condition) add(name, ...rest);
    else left.push([...group, name].join(" > "));
  };

export const test: unknown = Object.assign(add, {
  each,
  runIf,
  skipIf: (condition: unknown) => runIf(!condition),
});
export const it: unknown = test;

export function describe(name: string, body: () => void): void {
  const outer = group;
  group = [...outer, name];
  body();
  group = outer;
}

/** Loads a file's tests and runs them; those whose name says one of `exceptions` are left out and named. */
export async function runFile(url: string, exceptions: readonly string[]): Promise<FileReport> {
  [entries, left] = [[], []];
  await import(url);
  const failed: string[] = [];
  let passed = 0;
  for (const { name, run } of entries) {
    if (exceptions.some((exception) => name.includes(exception))) {
      left.push(name);
      continue;
    }
    try {
      await run();
      passed++;
    } catch (error) {
      failed.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return { passed, left, failed };
}
