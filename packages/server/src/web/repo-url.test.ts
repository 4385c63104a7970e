import { describe, expect, it } from "vitest";
import { isOwnerName, parseRepoAddress, revisionCandidates, viewPath } from "./repo-url.ts";

describe("parseRepoAddress()", () => {
  it("reads models and datasets", () => {
    expect(parseRepoAddress("/ada/bert")).toEqual({
      type: "model",
      id: "ada/bert",
      view: "",
      rest: [],
    });
    expect(parseRepoAddress("/datasets/ada/tides/tree/refs%2Fpr%2F1/a%20b/c")).toEqual({
      type: "dataset",
      id: "ada/tides",
      view: "tree",
      rest: ["refs/pr/1", "a b", "c"],
    });
  });

  it.each([
    "/",
    "/ada",
    "/api/models",
    "/settings/tokens",
    "/datasets/ada",
    "/ada/..",
    "/-/assets",
    "/a/%",
    "/a/b--c",
    "/a/%2F",
  ])("refuses %s", (path) => expect(parseRepoAddress(path)).toBeUndefined());
});

describe("revisionCandidates()", () => {
  it("offers every split of revision and path, shortest revision first", () => {
    expect(revisionCandidates(["feature", "x", "a.txt"])).toEqual([
      { revision: "feature", path: "x/a.txt" },
      { revision: "feature/x", path: "a.txt" },
      { revision: "feature/x/a.txt", path: "" },
    ]);
  });
});

describe("viewPath()", () => {
  it("encodes revision and path", () => {
    const repo = { type: "dataset", id: "ada/tides" } as const;
    expect(viewPath(repo, "blob", { revision: "feature/x", path: "a b/c#d" })).toBe(
      "/datasets/ada/tides/blob/feature%2Fx/a%20b/c%23d",
    );
  });
});

describe("isOwnerName()", () => {
  it("knows reserved names whatever their case", () => {
    expect(isOwnerName("ada")).toBe(true);
    expect(isOwnerName("Settings")).toBe(false);
    expect(isOwnerName("-ada")).toBe(false);
  });
});
