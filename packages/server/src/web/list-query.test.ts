import { expect, it } from "vitest";
import { listUrl, parseListQuery, toggleFilter, toRepoQuery } from "./list-query.ts";

const parse = (text: string) => parseListQuery("model", new URLSearchParams(text));

it("parseListQuery() and listUrl() are each other's inverse", () => {
  const url =
    "/models?search=b%26c&author=ada&pipeline_tag=fill-mask&filter=en&filter=license%3Amit&sort=likes&cursor=x&cursor=y";
  const query = parse(url.slice(url.indexOf("?")));
  expect(listUrl(query, { trail: query.trail })).toBe(url);
  expect(toRepoQuery(query)).toMatchObject({
    search: "b&c",
    filter: ["en", "license:mit"],
    cursor: "y",
  });
});

it("parseListQuery() understands the public site's parameters and ignores what it does not know", () => {
  const query = parse("library=transformers&license=mit&dataset=squad&language=en&sort=evil&x=1");
  expect(query.filters).toEqual(["transformers", "en", "license:mit", "dataset:squad"]);
  expect(query.sort).toBe("lastModified");
});

it("toggleFilter() adds, removes, and goes back to the first page", () => {
  const query = parse("filter=en&cursor=x");
  expect(toggleFilter(query, "de")).toBe("/models?filter=en&filter=de");
  expect(toggleFilter(query, "en")).toBe("/models");
});
