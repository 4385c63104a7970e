import { expect, it } from "vitest";
import { createMarkdownCache } from "./cache.ts";

it("createMarkdownCache() renders once, and lets the least recently used go", () => {
  const cache = createMarkdownCache<{ readonly weight: number }>(10);
  const rendered: string[] = [];
  const get = (key: string): void => {
    cache.get(key, () => {
      rendered.push(key);
      return { weight: 5 };
    });
  };
  for (const key of ["a", "b", "a", "c", "a", "b"]) get(key);
  expect(rendered).toEqual(["a", "b", "c", "b"]);
});
