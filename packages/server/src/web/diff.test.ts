import { expect, it } from "vitest";
import { parseDiff } from "./diff.ts";

const DIFF = `diff --git a/README.md b/README.md
index 1..2 100644
--- a/README.md
+++ b/README.md
@@ -1,3 +1,3 @@ # Title
 same
-old
+new
\\ No newline at end of file
diff --git "a/caf\\303\\251.txt" "b/caf\\303\\251.txt"
new file mode 100644
index 0..3
--- /dev/null
+++ "b/caf\\303\\251.txt"
@@ -0,0 +1 @@
+--- not a header
diff --git a/a b.bin b/a b.bin
deleted file mode 100644
index 3..0
Binary files a/a b.bin and /dev/null differ
diff --git a/x.txt b/y.txt
similarity index 100%
rename from x.txt
rename to y.txt
`;

it("parseDiff() reads changes, line numbers, quoted names, binary files and renames", () => {
  const [readme, cafe, binary, renamed] = parseDiff(DIFF);
  expect(readme).toMatchObject({ path: "README.md", change: "modified", added: 1, removed: 1 });
  expect(readme?.lines.slice(1)).toEqual([
    { type: "context", before: 1, after: 1, text: "same" },
    { type: "removed", before: 2, after: undefined, text: "old" },
    { type: "added", before: undefined, after: 2, text: "new" },
    { type: "note", before: undefined, after: undefined, text: "\\ No newline at end of file" },
  ]);
  expect(cafe).toMatchObject({ path: "café.txt", change: "added", added: 1 });
  expect(cafe?.lines[1]?.text).toBe("--- not a header");
  expect(binary).toMatchObject({ path: "a b.bin", change: "deleted", isBinary: true, lines: [] });
  expect(renamed).toMatchObject({ path: "y.txt", oldPath: "x.txt", change: "renamed" });
});

it("parseDiff() takes text that was cut off, and no text", () => {
  expect(parseDiff("")).toEqual([]);
  for (let end = 1; end < DIFF.length; end++)
    expect(() => parseDiff(DIFF.slice(0, end))).not.toThrow();
});
