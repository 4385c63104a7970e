import { HubError } from "../http/hub-error.ts";

/** Names that addresses of this server begin with, so that no account can have them. */
const RESERVED = new Set([
  "api",
  "assets",
  "avatars",
  "blog",
  "buckets",
  "cas",
  "chat",
  "collections",
  "datasets",
  "docs",
  "favicon.ico",
  "healthcheck",
  "inference",
  "info",
  "join",
  "kernels",
  "login",
  "logout",
  "metrics",
  "models",
  "new",
  "new-dataset",
  "new-model",
  "new-space",
  "notifications",
  "oauth",
  "organizations",
  "papers",
  "posts",
  "pricing",
  "raw",
  "resolve",
  "robots.txt",
  "search",
  "settings",
  "signin",
  "signup",
  "spaces",
  "static",
  "tasks",
  "users",
  "v1",
  "v2",
  "welcome",
]);

/** Why `name` cannot name a repository or an account; `undefined` when it can. */
function problemOf(name: string): string | undefined {
  if (name.length === 0 || name.length > 96) return "must have 1 to 96 characters";
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return 'may contain letters, digits, "-", "_" and "."';
  if (!/^[A-Za-z0-9_].*[A-Za-z0-9_]$|^[A-Za-z0-9_]$/.test(name)) {
    return 'must not begin or end with "-" or "."';
  }
  if (name.includes("--") || name.includes("..")) return 'must not contain "--" or ".."';
  if (name.toLowerCase().endsWith(".git")) return 'must not end with ".git"';
  return undefined;
}

/** @throws {HubError} 400 when `name` breaks a rule of repository names. */
export function checkRepositoryName(name: string): void {
  const problem = problemOf(name);
  if (problem) throw invalid(`Repository name "${shorten(name)}" ${problem}`);
}

/** @throws {HubError} 400 when `name` breaks a rule of account names, or is taken by an address. */
export function checkAccountName(name: string): void {
  const problem = problemOf(name);
  if (problem) throw invalid(`Account name "${shorten(name)}" ${problem}`);
  if (RESERVED.has(name.toLowerCase())) throw invalid(`Account name "${name}" is reserved`);
}

/** How names are compared: without regard to case. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** `owner/name` in its parts; `undefined` for anything else. */
export function splitRepoId(id: string): { owner: string; name: string } | undefined {
  const parts = id.split("/");
  const [owner, name] = parts;
  return parts.length === 2 && owner && name ? { owner, name } : undefined;
}

function invalid(message: string): HubError {
  return new HubError(400, "BadRequest", { message });
}

function shorten(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
