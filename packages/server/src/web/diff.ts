/** Reads a unified diff, as Git prints it, into what a page shows. Cut-off input is fine. */

export interface DiffLine {
  readonly type: "added" | "removed" | "context" | "hunk" | "note";
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly text: string;
}

export interface DiffFile {
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly change: "added" | "deleted" | "renamed" | "modified";
  readonly isBinary: boolean;
  readonly lines: readonly DiffLine[];
  readonly added: number;
  readonly removed: number;
}

export function parseDiff(diff: string): readonly DiffFile[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith("diff --git "))
    .map(parseFile);
}

function parseFile(part: string): DiffFile {
  const all = part.replace(/\n$/, "").split("\n");
  const body = all.findIndex((line) => line.startsWith("@@"));
  const head = body < 0 ? all : all.slice(0, body);
  const lines = body < 0 ? [] : numberLines(all.slice(body));
  const oldPath = pathIn(head, "--- ") ?? valueAfter(head, "rename from ");
  const newPath = pathIn(head, "+++ ") ?? valueAfter(head, "rename to ");
  const change = changeOf(head);
  return {
    path: newPath ?? oldPath ?? pathFromTitle(head[0] ?? ""),
    oldPath: change === "renamed" ? oldPath : undefined,
    change,
    isBinary: head.some((line) => /^(?:Binary files |GIT binary patch)/.test(line)),
    lines,
    added: lines.filter((line) => line.type === "added").length,
    removed: lines.filter((line) => line.type === "removed").length,
  };
}

function changeOf(head: readonly string[]): DiffFile["change"] {
  if (head.some((line) => line.startsWith("new file mode"))) return "added";
  if (head.some((line) => line.startsWith("deleted file mode"))) return "deleted";
  return head.some((line) => line.startsWith("rename from ")) ? "renamed" : "modified";
}

function numberLines(body: readonly string[]): readonly DiffLine[] {
  let before = 0;
  let after = 0;
  return body.map((line) => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      return { type: "hunk", before: undefined, after: undefined, text: line };
    }
    const text = line.slice(1);
    if (line.startsWith("+")) return { type: "added", before: undefined, after: after++, text };
    if (line.startsWith("-")) return { type: "removed", before: before++, after: undefined, text };
    if (line.startsWith("\\"))
      return { type: "note", before: undefined, after: undefined, text: line };
    return { type: "context", before: before++, after: after++, text };
  });
}

function pathIn(head: readonly string[], marker: string): string | undefined {
  const value = valueAfter(head, marker);
  return value === undefined || value === "/dev/null" ? undefined : value.replace(/^[ab]\//, "");
}

function valueAfter(head: readonly string[], marker: string): string | undefined {
  const line = head.find((candidate) => candidate.startsWith(marker));
  return line === undefined ? undefined : unquote(line.slice(marker.length).replace(/\t$/, ""));
}

/** `diff --git a/x b/x`: both halves are the same path when nothing was renamed. */
function pathFromTitle(title: string): string {
  const paths = title.slice("diff --git ".length);
  const quoted = /^"a\/(.*)" "b\/.*"$/.exec(paths);
  if (quoted !== null) return unquote(`"${quoted[1]}"`);
  return paths.slice(2, 2 + Math.floor((paths.length - 5) / 2));
}

/** Git writes unusual names in C quotes with octal bytes. */
function unquote(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"')) return text;
  const bytes: number[] = [];
  for (const [, octal, escaped, plain] of text
    .slice(1, -1)
    .matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/gsu)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...Buffer.from(plain ?? { n: "\n", t: "\t" }[escaped ?? ""] ?? escaped ?? ""));
  }
  return Buffer.from(bytes).toString("utf8");
}
