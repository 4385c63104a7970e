import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return entry.name === "dist" || entry.name === "node_modules" ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

test("docs/errors.md has a section for every error code, and none besides", () => {
  const codes = new Set<string>();
  for (const path of readdirSync("packages").flatMap((name) =>
    sources(join("packages", name, "src")),
  )) {
    const text = readFileSync(path, "utf8");
    for (const match of text.matchAll(/super\(\s*"([A-Z][A-Z0-9_]+)"/g)) codes.add(match[1] ?? "");
    for (const match of text.matchAll(/new LibraryError\(\s*"([A-Z][A-Z0-9_]+)"/g))
      codes.add(match[1] ?? "");
  }
  const documented = [...readFileSync("docs/errors.md", "utf8").matchAll(/^## `([A-Z0-9_]+)`/gm)];
  expect(documented.map((match) => match[1]).sort()).toEqual([...codes].sort());
});
