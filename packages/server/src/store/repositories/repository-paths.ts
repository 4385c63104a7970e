import { InvalidPathError } from "./errors.ts";

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/** A reason why a commit may not hold `path`, or `undefined`. */
function fault(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.startsWith("/")) return "it starts with a slash";
  if (path.includes("\\")) return "it holds a backslash";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return "it holds a control character";
  if (/\p{Surrogate}/u.test(path)) return "it is not Unicode";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  return path
    .split("/")
    .map(nameFault)
    .find((reason) => reason !== undefined);
}

function nameFault(name: string): string | undefined {
  if (name === "") return "it holds an empty name";
  if (name === "." || name === "..") return `it holds "${name}"`;
  if (isDotGit(name)) return `"${name}" is reserved for Git`;
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return undefined;
  return `a name is longer than ${MAX_NAME_BYTES} bytes`;
}

/** `.git` as any file system of a reader could understand it: case, ignorable characters, trailing dots, short names. */
function isDotGit(name: string): boolean {
  const plain = name.replaceAll(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, "");
  return /^(?:\.git|git~1)[ .]*(?::.*)?$/i.test(plain);
}

/**
 * Whether `path` may be handed to the git program to ask about: pushed names are freer than those of commits made
 * here, but none of these can be one.
 */
export function isRepositoryPath(path: string): boolean {
  return !path.includes("\0") && !path.split("/").some((name) => /^\.{0,2}$/.test(name));
}

/** @throws {InvalidPathError} */
export function checkPath(path: string): string {
  const reason = fault(path);
  if (reason !== undefined) throw new InvalidPathError(path, reason);
  return path;
}
