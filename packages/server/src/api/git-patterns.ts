/** Patterns of `.gitignore` and `.gitattributes`. Source: gitignore(5) and gitattributes(5). */
import { badRequest } from "../http/hub-error.ts";

/**
 * Tells whether a path (relative, forward slashes) is meant.
 *
 * @throws {HubError} 400 when the rules took too many steps for all the paths so far; making it may throw so too.
 */
export type PathMatcher = (path: string) => boolean;

/** About a second's work for all paths that one matcher is asked about. */
const MAX_STEPS = 30_000_000;

/** Counts the steps of matching: rules and paths come from strangers, and their product is what takes time. */
class Work {
  #left = MAX_STEPS;

  step(count = 1): void {
    this.#left -= count;
    if (this.#left >= 0) return;
    throw badRequest(
      "The patterns in .gitattributes or .gitignore are too many for these files: send fewer files at once",
    );
  }
}

const MAX_PATTERN_LENGTH = 1000;

/** Which paths `.gitignore` leaves out: the last pattern that matches a path, or a folder above it, decides. */
export function ignoreMatcher(text: string): PathMatcher {
  const work = new Work();
  const rules = lines(text).flatMap((line) => ignoreRule(line, work));
  const isIgnored = (path: string, isFolder: boolean): boolean => {
    let ignored = false;
    for (const rule of rules) {
      if ((!rule.foldersOnly || isFolder) && rule.pattern(path)) ignored = !rule.negated;
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
  const work = new Work();
  const rules = lines(text).flatMap((line) => attributeRule(line, work));
  return (path) => {
    let isLfs = false;
    for (const rule of rules) if (rule.pattern(path)) isLfs = rule.isLfs;
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
  readonly pattern: PathMatcher;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

function ignoreRule(line: string, work: Work): readonly IgnoreRule[] {
  const trimmed = line.replace(/(?<!\\)\s+$/, "");
  const negated = trimmed.startsWith("!");
  const body = negated ? trimmed.slice(1) : trimmed;
  const foldersOnly = body.endsWith("/");
  const pattern = compile(foldersOnly ? body.slice(0, -1) : body, work);
  return pattern ? [{ pattern, negated, foldersOnly }] : [];
}

interface AttributeRule {
  readonly pattern: PathMatcher;
  readonly isLfs: boolean;
}

function attributeRule(line: string, work: Work): readonly AttributeRule[] {
  const quoted = /^\s*"((?:[^"\\]|\\.)*)"\s+(.*)$/.exec(line);
  const plain = /^\s*(\S+)\s+(.*)$/.exec(line);
  const [, glob = "", attributes = ""] = quoted ?? plain ?? [];
  const filters = attributes.split(/\s+/).filter((item) => /^[-!]?filter(?:=|$)/.test(item));
  const last = filters.at(-1);
  const pattern = last === undefined ? undefined : compile(glob, work);
  return pattern ? [{ pattern, isLfs: last === "filter=lfs" }] : [];
}

/** What one character, or one segment of a path, must fulfil; `"any"` takes any number of them. */
type Step<Item> = "any" | ((item: Item) => boolean);

/** A pattern without a slash matches the last segment at any depth; with one it is tied to the root. */
function compile(glob: string, work: Work): PathMatcher | undefined {
  const clean = glob.replace(/^\//, "");
  if (clean === "") return undefined;
  const isTied = glob.slice(0, -1).includes("/");
  const segments = clean.split("/").map((segment) => segmentStep(segment, work));
  const steps: Step<string>[] = isTied ? segments : ["any", ...segments];
  // "folder/**" means what is inside, not the folder.
  if (steps.at(-1) === "any") steps.push(() => true);
  return (path) => matches(steps, path.split("/"), work);
}

function segmentStep(segment: string, work: Work): Step<string> {
  if (segment === "**") return "any";
  // Most patterns are a name, or "*" and an ending.
  if (!/[*?[\\]/.test(segment)) return (text) => text === segment;
  if (/^\*[^*?[\\]+$/.test(segment)) return (text) => text.endsWith(segment.slice(1));
  // Reading a character of a pattern takes as long as many steps.
  work.step(segment.length * 16);
  const steps = characterSteps(segment);
  return (text) => matches(steps, [...text], work);
}

/**
 * Whether the steps take the items from the first to the last. Only the latest `"any"` is ever tried again, so the
 * time is at most steps × items, whatever the pattern.
 */
function matches<Item>(steps: readonly Step<Item>[], items: readonly Item[], work: Work): boolean {
  work.step(items.length);
  let step = 0;
  let item = 0;
  let retry: { readonly step: number; item: number } | undefined;
  while (item < items.length) {
    work.step();
    const current = steps[step];
    if (current === "any") {
      retry = { step, item };
      step++;
    } else if (current?.(items[item] as Item)) {
      step++;
      item++;
    } else if (retry) {
      retry.item++;
      item = retry.item;
      step = retry.step + 1;
    } else {
      return false;
    }
  }
  while (steps[step] === "any") step++;
  return step === steps.length;
}

function characterSteps(segment: string): readonly Step<string>[] {
  const steps: Step<string>[] = [];
  for (let at = 0; at < segment.length; ) {
    const [step, length] = characterStep(segment.slice(at));
    steps.push(step);
    at += length;
  }
  return steps;
}

/** What stands at the beginning of `rest`, and how long it is. */
function characterStep(rest: string): readonly [step: Step<string>, length: number] {
  const stars = /^\*+/.exec(rest);
  if (stars) return ["any", stars[0].length];
  if (rest.startsWith("?")) return [() => true, 1];
  const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(rest);
  if (set) return [characterSet(set[2] ?? "", set[1] !== ""), set[0].length];
  const escaped = rest.startsWith("\\") && rest.length > 1;
  const [literal = ""] = escaped ? rest.slice(1) : rest;
  return [(character) => character === literal, literal.length + (escaped ? 1 : 0)];
}

/** `a-z0-9_` */
function characterSet(members: string, negated: boolean): (character: string) => boolean {
  const ranges: (readonly [from: string, to: string])[] = [];
  for (const [, from = "", to = from] of members.matchAll(/(.)(?:-(.))?/gsu))
    ranges.push([from, to]);
  return (character) =>
    ranges.some(([from, to]) => from <= character && character <= to) !== negated;
}
