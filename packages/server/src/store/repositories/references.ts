/** References of a bare repository: read, and moved by compare-and-swap through Git's own locks. */
import { access, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { syncDirectory } from "../blobs/durable-files.ts";
import { RefConflictError } from "./errors.ts";
import { gitFailure, runGit, tryGit } from "./git-process.ts";
import { checkRef } from "./ref-names.ts";
import type { GitRef, RefUpdate } from "./repository-store.ts";

/** A reference as it stands in the store. */
export interface RawRef extends GitRef {
  /** What the reference holds: for an annotated tag the tag object, else `commit`. */
  readonly oid: string;
}

/** Writers hold a lock for milliseconds. */
const ABANDONED_LOCK_MS = 30_000;
const NO_OBJECT = "0".repeat(40);

export async function readRefs(directory: string): Promise<readonly RawRef[]> {
  const command = { directory, args: ["show-ref", "--dereference"] };
  const { code, stdout, stderr } = await tryGit(command);
  // 1: there is none.
  if (code > 1 || code < 0) throw gitFailure(command, code, stderr);
  const refs = new Map<string, { ref: string; oid: string; commit: string }>();
  for (const line of Buffer.from(stdout).toString("utf8").split("\n")) {
    const oid = line.slice(0, 40);
    const name = line.slice(41);
    if (name === "") continue;
    const peeled = name.endsWith("^{}") ? refs.get(name.slice(0, -3)) : undefined;
    if (peeled) peeled.commit = oid;
    else refs.set(name, { ref: name, oid, commit: oid });
  }
  return [...refs.values()];
}

/**
 * Moves all references, or none.
 *
 * @throws {RefConflictError} when one is not where its update says.
 * @throws {InvalidRefNameError}
 */
export async function updateRefs(directory: string, updates: readonly RefUpdate[]): Promise<void> {
  const lines = updates.map(({ ref, before, after }) => {
    const old = before ?? NO_OBJECT;
    checkRef(ref);
    if (after !== undefined) return `update ${ref}\0${after}\0${old}\0`;
    return before === undefined ? `verify ${ref}\0${NO_OBJECT}\0` : `delete ${ref}\0${old}\0`;
  });
  const command = { directory, args: ["update-ref", "--stdin", "-z"] };
  let { code, stderr } = await tryGit(command, lines.join(""));
  if (code !== 0 && (await removeAbandonedLock(directory, stderr))) {
    ({ code, stderr } = await tryGit(command, lines.join("")));
  }
  if (code !== 0) throw refFailure(updates, stderr) ?? gitFailure(command, code, stderr);
  for (const { ref } of updates) await syncReference(directory, ref);
}

/** A lock whose writer was killed would stop all later ones. Gives whether it removed one. */
async function removeAbandonedLock(directory: string, stderr: string): Promise<boolean> {
  const path = /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1];
  if (path === undefined) return false;
  const lock = resolve(directory, path);
  if (!lock.startsWith(`${directory}/`)) return false;
  const found = await stat(lock).catch(() => undefined);
  if (!found || Date.now() - found.mtimeMs < ABANDONED_LOCK_MS) return false;
  await rm(lock, { force: true });
  return true;
}

function refFailure(updates: readonly RefUpdate[], stderr: string): Error | undefined {
  const ref = updates.find((update) => stderr.includes(`'${update.ref}'`))?.ref;
  const named = ref ?? updates[0]?.ref ?? "";
  if (/but expected|already exists|unable to resolve reference/.test(stderr)) {
    return new RefConflictError(named, "it is not where the update expects it");
  }
  if (/exists; cannot create|non-empty directory|there are still refs under/.test(stderr)) {
    return new RefConflictError(named, "a reference stands where this one needs a folder");
  }
  if (/Unable to create .*\.lock/.test(stderr)) {
    return new RefConflictError(named, "another writer holds it");
  }
  return undefined;
}

/** Git syncs the file, not the folders that name it. */
async function syncReference(directory: string, ref: string): Promise<void> {
  for (let at = dirname(join(directory, ref)); at.length >= directory.length; at = dirname(at)) {
    const exists = await access(at).then(
      () => true,
      () => false,
    );
    if (exists) await syncDirectory(at);
  }
}

/** What the reference holds now. */
export async function readRef(directory: string, ref: string): Promise<RawRef | undefined> {
  const args = ["show-ref", "--dereference", "--verify", "--", checkRef(ref)];
  const { code, stdout } = await tryGit({ directory, args });
  if (code !== 0) return undefined;
  const [oid = "", ...more] =
    Buffer.from(stdout)
      .toString("latin1")
      .match(/^[0-9a-f]{40}/gm) ?? [];
  return { ref, oid, commit: more.at(-1) ?? oid };
}

/** A branch that a new bare repository's HEAD names before it exists. */
export async function initRepository(directory: string): Promise<void> {
  const args = ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", directory];
  await runGit({ args });
}
