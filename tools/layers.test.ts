import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Package → the packages it may import: the table of docs/architecture.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ffi: ["core"],
  xet: ["core"],
  tokenizers: ["core"],
  evaluate: ["core"],
  hub: ["core", "xet"],
  nn: ["core", "ffi"],
  datasets: ["core", "ffi", "hub"],
  accelerate: ["core", "ffi", "nn"],
  transformers: ["core", "nn", "tokenizers", "hub", "accelerate"],
  server: ["core", "xet", "tokenizers", "hub", "datasets", "evaluate", "transformers"],
  cli: [
    "core",
    "ffi",
    "xet",
    "tokenizers",
    "evaluate",
    "hub",
    "nn",
    "datasets",
    "accelerate",
    "transformers",
    "server",
  ],
};

const NO_THIRD_PARTY: readonly string[] = ["core", "xet", "tokenizers", "evaluate"];
const packages = readdirSync("packages");

test.each(packages)("packages/%s depends only on what its layer may import", (folder) => {
  const manifest = JSON.parse(readFileSync(`packages/${folder}/package.json`, "utf8"));
  const dependencies = Object.keys(manifest.dependencies ?? {});
  const own = dependencies
    .filter((name) => name.startsWith("@bearhug/"))
    .map((name) => name.slice("@bearhug/".length));
  const allowed = ALLOWED[folder] ?? [];
  expect(own.filter((name) => !allowed.includes(name))).toEqual([]);
  if (NO_THIRD_PARTY.includes(folder)) {
    expect(dependencies.filter((name) => !name.startsWith("@bearhug/"))).toEqual([]);
  }
});

test("docs/dependencies.md has a line for each third-party dependency", () => {
  const text = readFileSync("docs/dependencies.md", "utf8");
  const manifests = [
    "package.json",
    ...packages.map((folder) => `packages/${folder}/package.json`),
  ];
  const names = manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  });
  const foreign = names.filter((name) => !name.startsWith("@bearhug/") && name !== "bearhug");
  expect(foreign.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
