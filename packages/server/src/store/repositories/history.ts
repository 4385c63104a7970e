import { runGit, streamGit } from "./git-process.ts";
import type { GitCommit } from "./repository-store.ts";

/** Fields of one commit, each ended by NUL: id, parents, author's name, e-mail and time, message. */
const FORMAT = "%H%x00%P%x00%an%x00%ae%x00%at%x00%B";
const FIELDS = 6;
/** Stands before a commit's id, and could not stand in a path. */
const START = "//commit//";
const STARTS = new RegExp(`^\\n?${START}[0-9a-f]{40}$`);
/** Longer lists of paths go unsaid: the walk then looks at every path. */
const MAX_ARGUMENT_BYTES = 64 * 1024;

export async function readLog(
  directory: string,
  commit: string,
  options: { readonly skip?: number; readonly limit: number; readonly path?: string },
): Promise<readonly GitCommit[]> {
  const { skip = 0, limit, path } = options;
  const args = [
    "log",
    "-z",
    `--format=${FORMAT}`,
    `--skip=${skip}`,
    `--max-count=${limit}`,
    commit,
  ];
  const text = await runGit({ directory, args: [...args, "--", ...(path ? [path] : [])] });
  const fields = text.split("\0");
  const commits: GitCommit[] = [];
  for (let at = 0; at + FIELDS <= fields.length; at += FIELDS) {
    commits.push(toCommit(fields.slice(at, at + FIELDS)));
  }
  return commits;
}

function toCommit(fields: readonly string[]): GitCommit {
  const [oid = "", parents = "", name = "", email = "", time = "", message = ""] = fields;
  const [title = "", ...rest] = message.trim().split("\n");
  return {
    oid,
    parents: parents === "" ? [] : parents.split(" "),
    title: title.trim(),
    body: rest.join("\n").trim(),
    author: { name, email },
    date: new Date(Number(time) * 1000 || 0),
  };
}

export async function countCommits(directory: string, commit: string): Promise<number> {
  return Number(await runGit({ directory, args: ["rev-list", "--count", commit, "--"] }));
}

/** One walk back from `commit`, until each of `paths` was seen. */
export async function findLastCommits(
  directory: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, GitCommit>> {
  const wanted = new Set(paths);
  const found = new Map<string, GitCommit>();
  if (wanted.size === 0) return found;
  // -c shows of a merge what differs from all its parents.
  const args = ["log", "-z", "-c", "--name-only", `--format=${START}${FORMAT}`, commit, "--"];
  const total = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + 1, 0);
  const limited = total <= MAX_ARGUMENT_BYTES ? paths : [];
  let current: GitCommit | undefined;
  const header: string[] = [];
  for await (const token of tokens(streamGit({ directory, args: [...args, ...limited] }))) {
    if (header.length > 0 || STARTS.test(token)) {
      header.push(token);
      if (header.length < FIELDS) continue;
      const [first = "", ...rest] = header.splice(0);
      current = toCommit([first.slice(-40), ...rest]);
      continue;
    }
    if (current) note(token.replace(/^\n/, ""), current, { wanted, found });
    if (wanted.size === 0) break;
  }
  return found;
}

/** Counts a changed file for itself and for every directory above it. */
function note(
  path: string,
  commit: GitCommit,
  { wanted, found }: { wanted: Set<string>; found: Map<string, GitCommit> },
): void {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    if (wanted.delete(at)) found.set(at, commit);
  }
}

/** Splits at NUL. */
async function* tokens(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\0");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** Against the first parent; a root commit against nothing. */
export async function readDiff(
  directory: string,
  commit: string,
  maxBytes: number,
): Promise<string> {
  const options = ["--format=", "--patch", "--no-ext-diff", "--no-textconv", "--root"];
  const args = ["show", ...options, "--diff-merges=first-parent", commit, "--"];
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of streamGit({ directory, args })) {
    const part = chunk.subarray(0, maxBytes - size);
    chunks.push(part);
    size += part.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
