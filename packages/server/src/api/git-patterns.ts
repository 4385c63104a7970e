/** Patterns of `.gitignore` and `.gitattributes`. Source: gitignore(5) and gitattributes(5). */

/** Tells whether a path (relative, forward slashes) is meant. */
export type PathMatcher = (path: string) => boolean;

const MAX_PATTERN_LENGTH = 1000;

/** Which paths `.gitignore` leaves out: the last pattern that matches a path, or a folder above it, decides. */
export function ignoreMatcher(text: string): PathMatcher {
  const rules = lines(text).flatMap(ignoreRule);
  const isIgnored = (path: string, isFolder: boolean): boolean => {
    let ignored = false;
    for (const rule of rules) {
      if ((!rule.foldersOnly || isFolder) && rule.pattern.test(path)) ignored = !rule.negated;
    }
    return ignored;
  };
  return (path) => {
    const segments = path.split("/");
    for (let depth = 1; depth < segments.length; depth++) {
      if (isIgnored(segments.slice(0, depth).join("/"), true)) return true;
    }
    return isIgnored(path, false);
  };
}

/** Which paths `.gitattributes` gives to LFS: the last line that sets or unsets `filter` decides. */
export function lfsMatcher(text: string): PathMatcher {
  const rules = lines(text).flatMap(attributeRule);
  return (path) => {
    let isLfs = false;
    for (const rule of rules) if (rule.pattern.test(path)) isLfs = rule.isLfs;
    return isLfs;
  };
}

function lines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .filter((line) => line.length <= MAX_PATTERN_LENGTH)
    .slice(0, 10_000);
}

interface IgnoreRule {
  readonly pattern: RegExp;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

function ignoreRule(line: string): readonly IgnoreRule[] {
  const trimmed = line.replace(/(?<!\\)\s+$/, "");
  const negated = trimmed.startsWith("!");
  const body = negated ? trimmed.slice(1) : trimmed;
  const foldersOnly = body.endsWith("/");
  const pattern = compile(foldersOnly ? body.slice(0, -1) : body);
  return pattern ? [{ pattern, negated, foldersOnly }] : [];
}

interface AttributeRule {
  readonly pattern: RegExp;
  readonly isLfs: boolean;
}

function attributeRule(line: string): readonly AttributeRule[] {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s+(.*)$/.exec(line);
  const plain = /^\s*(\S+)\s+(.*)$/.exec(line);
  const [, glob = "", attributes = ""] = quoted ?? plain ?? [];
  const filters = attributes.split(/\s+/).filter((item) => /^[-!]?filter(?:=|$)/.test(item));
  const last = filters.at(-1);
  const pattern = last === undefined ? undefined : compile(glob);
  return pattern ? [{ pattern, isLfs: last === "filter=lfs" }] : [];
}

/** A pattern without a slash matches the last segment at any depth; with one it is tied to the root. */
function compile(glob: string): RegExp | undefined {
  const clean = glob.replace(/^\//, "");
  if (clean === "") return undefined;
  const isTied = glob.slice(0, -1).includes("/");
  try {
    return new RegExp(`^${isTied ? "" : "(?:.*/)?"}${translateGlob(clean)}$`);
  } catch {
    return undefined;
  }
}

function translateGlob(glob: string): string {
  let out = "";
  for (let at = 0; at < glob.length; ) {
    const [text, length] = translateAt(glob, at);
    out += text;
    at += length;
  }
  return out;
}

/** The regular expression for what stands at `at`, and how many characters it took. */
function translateAt(glob: string, at: number): readonly [text: string, length: number] {
  const rest = glob.slice(at);
  const isSegmentStart = at === 0 || glob[at - 1] === "/";
  if (isSegmentStart && rest.startsWith("**/")) return ["(?:[^/]+/)*", 3];
  if (isSegmentStart && rest === "**") return [".+", 2];
  const stars = /^\*+/.exec(rest);
  if (stars) return ["[^/]*", stars[0].length];
  if (rest.startsWith("?")) return ["[^/]", 1];
  const set = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
  if (set) {
    const [whole, not = "", members = ""] = set;
    return [`[${not ? "^" : ""}${members.replace(/[\\[\]]/g, "\\$&")}]`, whole.length];
  }
  if (rest.startsWith("\\") && rest.length > 1) return [escapeText(rest.charAt(1)), 2];
  return [escapeText(rest.charAt(0)), 1];
}

function escapeText(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
