import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultGitAttributes } from "../services/default-files.ts";
import { ignoreMatcher, lfsMatcher } from "./git-patterns.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bearhug-patterns-"));
  execFileSync("git", ["init", "-q", folder]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Git itself is the oracle: those of `paths` that it ignores. */
function gitIgnored(text: string, paths: readonly string[]): readonly string[] {
  writeFileSync(join(folder, ".gitignore"), text);
  const { stdout } = spawnSync(
    "git",
    ["-C", folder, "check-ignore", "--no-index", "-z", "--stdin"],
    {
      input: paths.join("\0"),
    },
  );
  return stdout.toString().split("\0").filter(Boolean);
}

/** Those of `paths` that Git gives to LFS. */
function gitLfs(text: string, paths: readonly string[]): readonly string[] {
  writeFileSync(join(folder, ".gitattributes"), text);
  const { stdout } = spawnSync("git", ["-C", folder, "check-attr", "-z", "--stdin", "filter"], {
    input: paths.join("\0"),
  });
  const fields = stdout.toString().split("\0");
  return paths.filter((path) => fields[fields.indexOf(path) + 2] === "lfs");
}

const IGNORES = [
  "*.log\n",
  "build/\n",
  "/root.txt\n",
  "a/**/z\n",
  "**/cache\n",
  "docs/*.md\n",
  "*.bin\n!keep.bin\n",
  "dir/\n!dir/keep.txt\n",
  "# comment\n\\#file\n",
  "file[0-9].txt\n",
  "[!a].txt\n",
  "sp ace.txt  \n",
  "?.c\n",
  "a/**\n",
];

const PATHS = [
  "x.log",
  "a/b/x.log",
  "build",
  "build/out.txt",
  "src/build/out.txt",
  "root.txt",
  "a/root.txt",
  "a/z",
  "a/b/c/z",
  "cache/x",
  "b/cache",
  "docs/a.md",
  "docs/b/a.md",
  "keep.bin",
  "other.bin",
  "dir/keep.txt",
  "#file",
  "file1.txt",
  "filex.txt",
  "a.txt",
  "b.txt",
  "sp ace.txt",
  "d.c",
  "dd.c",
];

describe("ignoreMatcher()", () => {
  it.each(IGNORES)("agrees with Git on %j", (text) => {
    expect(PATHS.filter(ignoreMatcher(text))).toEqual(gitIgnored(text, PATHS));
  });
});

describe("a hostile pattern", () => {
  // One that backtracks would not come to an end at all.
  it("costs no more than its length times the path's", { timeout: 60_000 }, () => {
    const isIgnored = ignoreMatcher(`${"*a".repeat(400)}b\n${"**/a/".repeat(150)}b\n`);
    expect(isIgnored("a".repeat(5000))).toBe(false);
    expect(isIgnored("a/".repeat(2000))).toBe(false);
  });
});

describe("many hostile patterns", () => {
  it("are given up after a second or so", { timeout: 60_000 }, () => {
    const glob = `*${"a".repeat(900)}b`;
    const path = "a".repeat(4000);
    const many = "too many for these files";
    for (const count of [1000, 10_000]) {
      expect(() => lfsMatcher(`${glob}* filter=lfs\n`.repeat(count))(path)).toThrow(many);
      expect(() => ignoreMatcher(`${glob}?\n`.repeat(count))(path)).toThrow(many);
    }
  });

  it("leave room for large uploads", () => {
    const isLfs = lfsMatcher(defaultGitAttributes("dataset"));
    const paths = Array.from({ length: 25_000 }, (_, i) => `data/train/part-${i}/image-${i}.png`);
    expect(paths.filter(isLfs)).toHaveLength(25_000);
  });
});

describe("lfsMatcher()", () => {
  const paths = [
    "model.safetensors",
    "a/b/model.bin",
    "saved_model/x/y",
    "saved_model/x",
    "sub/saved_model/x/y",
    "events.out.tfevents.1",
    "a.tar.gz",
    "x.lfs.y",
    "readme.md",
    "keep.bin",
    "with space.bin",
  ];
  it.each([
    defaultGitAttributes("model"),
    `${defaultGitAttributes("dataset")}keep.bin !filter !diff -text\n`,
    "*.bin filter=lfs\nkeep.bin -filter\n",
    '"with space.bin" filter=lfs -text\n',
    "*.bin text\n# *.md filter=lfs\n",
    "a/** filter=lfs\n",
  ])("agrees with Git", (text) => {
    expect(paths.filter(lfsMatcher(text))).toEqual(gitLfs(text, paths));
  });
});
