import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { Output } from "./output.ts";

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const output = new Output({ write: (text) => (out += text) }, { write: (text) => (err += text) });
  const code = await main(args, { output, signal: new AbortController().signal });
  return { code, out, err };
}

test("--version is the package's", async () => {
  const manifest = JSON.parse(readFileSync("packages/cli/package.json", "utf8"));
  expect(await run("--version")).toEqual({ code: 0, out: `${manifest.version}\n`, err: "" });
});

test("--help names every command, and each command explains itself", async () => {
  const { code, out } = await run("--help");
  expect(code).toBe(0);
  const names = [...out.matchAll(/^ {2}(\w+) {2,}\S/gm)].map((match) => match[1] ?? "");
  expect(names.length).toBeGreaterThan(9);
  for (const name of names) {
    const help = await run(name, "--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(new RegExp(`^bearhug ${name}`));
  }
});

test.each([
  [[], "Usage: bearhug COMMAND"],
  [["constructor"], 'Unknown command "constructor"'],
  [["files"], "1 more word needed"],
  [["files", "a/b", "c", "d"], 'unexpected "d"'],
  [["files", "a/b", "--nonsense"], "--nonsense"],
  [["files", "a/b", "--type", "film"], "--type must be one of model, dataset, space"],
  [["repo", "rename", "a/b"], 'unexpected "rename"'],
  [["cache", "empty"], 'unexpected "empty"'],
  [["serve", "--port", "70000"], "--port must be a number from 0 to 65535"],
  [["admin", "token", "create", "ada"], "--role must be read or write, got nothing"],
])("wrong usage %j exits 2 and says why on standard error", async (args, reason) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(reason);
});

test("a failure exits 1 with its code and hint", async () => {
  const { code, out, err } = await run("files", "not an id");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toBe(
    'Error INVALID_REPO_ID: "not an id" is not a repository id.\n' +
      '  Write it as "owner/name", with "datasets/" before a dataset and "@revision" behind.\n',
  );
});
