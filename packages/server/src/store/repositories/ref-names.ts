import { InvalidRefNameError } from "./errors.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^@$/;

/** Whether `name` may follow `refs/heads/` or `refs/tags/`, by the rules of `git check-ref-format`. */
export function isRefName(name: string): boolean {
  if (name === "" || name.startsWith("-") || Buffer.byteLength(name) > 240) return false;
  if (FORBIDDEN.test(name) || /\p{Surrogate}/u.test(name)) return false;
  return name
    .split("/")
    .every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** @throws {InvalidRefNameError} unless `ref` is a full reference name such as `refs/heads/main`. */
export function checkRef(ref: string): string {
  const [, , ...rest] = ref.split("/");
  if (ref.startsWith("refs/") && isRefName(ref) && isRefName(rest.join("/"))) return ref;
  throw new InvalidRefNameError(ref);
}

export function isOid(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/**
 * What a revision that a user typed may mean, likeliest first, as names that `cat-file` understands.
 * Only hexadecimal digits and reference names pass: Git's expressions (`main~3`, `:/text`) do not.
 */
export function revisionCandidates(revision: string): readonly string[] {
  if (isOid(revision)) return [revision];
  if (revision === "HEAD") return ["HEAD"];
  if (!isRefName(revision)) return [];
  if (revision.startsWith("refs/")) return [revision];
  const names = [`refs/heads/${revision}`, `refs/tags/${revision}`];
  if (/^[0-9a-f]{7,39}$/.test(revision)) names.push(revision);
  return names;
}
