import { setImmediate } from "node:timers/promises";
import { EntryNotFoundError, InvalidPathError } from "./errors.ts";
import { formatLfsPointer, parseLfsPointer } from "./lfs-pointer.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { type NewObject, newObject } from "./pack-writer.ts";
import { checkPath } from "./repository-paths.ts";
import type { TreeChange } from "./repository-store.ts";
import {
  formatTree,
  MODE_DIRECTORY,
  MODE_EXECUTABLE,
  MODE_FILE,
  type TreeObjectEntry,
  treeEntry,
} from "./tree-object.ts";

/** Between two turns of the event loop. */
const HASHED_AT_ONCE = 128;

/** A change whose blob, if it has one, is known by id. */
export type TreeEdit =
  | { readonly type: "put"; readonly path: string; readonly blob: NewObject }
  | { readonly type: "delete-file"; readonly path: string }
  | { readonly type: "delete-folder"; readonly path: string };

/** @throws {InvalidPathError} @throws {RangeError} for an LFS object that cannot be. */
export async function toTreeEdits(changes: readonly TreeChange[]): Promise<readonly TreeEdit[]> {
  const edits: TreeEdit[] = [];
  for (const change of changes) {
    edits.push(toTreeEdit(change));
    if (edits.length % HASHED_AT_ONCE === 0) await setImmediate();
  }
  return edits;
}

function toTreeEdit(change: TreeChange): TreeEdit {
  if (change.type === "delete-folder") {
    return { type: change.type, path: checkPath(change.path.replace(/\/+$/, "")) };
  }
  const path = checkPath(change.path);
  if (change.type === "delete-file") return { type: change.type, path };
  return { type: "put", path, blob: newObject("blob", contentOf(change)) };
}

function contentOf(change: Extract<TreeChange, { type: "put" | "put-lfs" }>): Uint8Array {
  if (change.type === "put") {
    // Whoever commits an LFS object must say so: that is where its right to the content is checked.
    if (parseLfsPointer(change.content)) {
      throw new InvalidPathError(change.path, "its content is an LFS pointer");
    }
    return change.content;
  }
  if (!/^[0-9a-f]{64}$/.test(change.oid) || !Number.isSafeInteger(change.size) || change.size < 0) {
    throw new RangeError(`"${change.oid}" of ${change.size} bytes is not an LFS object`);
  }
  return Buffer.from(formatLfsPointer(change));
}

interface Source {
  readonly objects: ObjectDatabase;
  /** Ids met on the way: the repository has them. */
  readonly known: Set<string>;
}

/** A directory that is being changed: its entries, some of them directories being changed too. */
interface OpenDirectory {
  readonly entries: Map<string, TreeObjectEntry | OpenDirectory>;
}

/**
 * Applies `edits` in order to the tree `root` (`undefined`: an empty one).
 *
 * @returns the new root's id, and the blobs and trees that `root` did not have where the edits looked.
 * @throws {EntryNotFoundError} @throws {InvalidPathError}
 */
export async function editTree(
  objects: ObjectDatabase,
  root: string | undefined,
  edits: readonly TreeEdit[],
): Promise<{ readonly root: string; readonly added: readonly NewObject[] }> {
  const known = new Set<string>();
  const source: Source = { objects, known };
  const top = root === undefined ? { entries: new Map() } : await openDirectory(source, root);
  for (const edit of edits) {
    if (edit.type === "put") await put(source, top, edit);
    else await remove(source, top, edit);
  }
  const trees: NewObject[] = [];
  const used = new Set<string>();
  const newRoot = closeDirectory(top, { trees, used });
  const blobs = edits.flatMap((edit) => (edit.type === "put" ? [edit.blob] : []));
  const wanted = [...blobs.filter(({ oid }) => used.has(oid)), ...trees];
  const added = new Map(wanted.map((object) => [object.oid, object]));
  for (const oid of known) added.delete(oid);
  return { root: newRoot, added: [...added.values()] };
}

async function openDirectory({ objects, known }: Source, oid: string): Promise<OpenDirectory> {
  const tree = await objects.tree(oid);
  known.add(oid);
  for (const entry of tree) known.add(entry.oid);
  return { entries: new Map(tree.map((entry) => [entry.name, entry])) };
}

async function put(
  source: Source,
  top: OpenDirectory,
  { path, blob }: { readonly path: string; readonly blob: NewObject },
): Promise<void> {
  const names = path.split("/");
  const name = names.pop()!;
  let at = top;
  for (const part of names) {
    const next = await inside(source, at, part);
    if (next === "file") throw new InvalidPathError(path, `"${part}" is a file`);
    const folder: OpenDirectory = next ?? { entries: new Map() };
    if (!next) at.entries.set(part, folder);
    at = folder;
  }
  const before = at.entries.get(name);
  if (before && isDirectory(before) && !(await isEmpty(source, at, name))) {
    throw new InvalidPathError(path, "it is a folder");
  }
  const keepsMode = before && "mode" in before && before.mode === MODE_EXECUTABLE;
  at.entries.set(name, treeEntry(keepsMode ? MODE_EXECUTABLE : MODE_FILE, name, blob.oid));
}

async function remove(
  source: Source,
  top: OpenDirectory,
  { path, type }: { readonly path: string; readonly type: "delete-file" | "delete-folder" },
): Promise<void> {
  const names = path.split("/");
  const name = names.pop()!;
  let at: OpenDirectory | "file" | undefined = top;
  for (const part of names) {
    at = await inside(source, at, part);
    if (at === undefined || at === "file") throw new EntryNotFoundError(path);
  }
  const found = at.entries.get(name);
  if (!found || isDirectory(found) !== (type === "delete-folder")) {
    throw new EntryNotFoundError(path);
  }
  if (isDirectory(found) && (await isEmpty(source, at, name))) throw new EntryNotFoundError(path);
  at.entries.delete(name);
}

/** The directory `name` of `at`, opened for change. */
async function inside(
  source: Source,
  at: OpenDirectory,
  name: string,
): Promise<OpenDirectory | "file" | undefined> {
  const found = at.entries.get(name);
  if (found === undefined || "entries" in found) return found;
  if (found.mode !== MODE_DIRECTORY) return "file";
  const opened = await openDirectory(source, found.oid);
  at.entries.set(name, opened);
  return opened;
}

function isDirectory(entry: TreeObjectEntry | OpenDirectory): boolean {
  return "entries" in entry || entry.mode === MODE_DIRECTORY;
}

/** Whether all that the directory `name` held was deleted before. */
async function isEmpty(source: Source, at: OpenDirectory, name: string): Promise<boolean> {
  const folder = await inside(source, at, name);
  if (typeof folder !== "object") return false;
  for (const child of folder.entries.keys()) {
    const entry = folder.entries.get(child);
    if (!entry || !isDirectory(entry) || !(await isEmpty(source, folder, child))) return false;
  }
  return true;
}

interface Written {
  readonly trees: NewObject[];
  /** Ids of the files in those trees. */
  readonly used: Set<string>;
}

/** Writes the trees from the leaves up; directories that became empty are left out. */
function closeDirectory(directory: OpenDirectory, written: Written): string {
  const entries: TreeObjectEntry[] = [];
  for (const [name, entry] of directory.entries) {
    if (!("entries" in entry)) {
      entries.push(entry);
      written.used.add(entry.oid);
      continue;
    }
    if (!hasFiles(entry)) continue;
    entries.push(treeEntry(MODE_DIRECTORY, name, closeDirectory(entry, written)));
  }
  const tree = newObject("tree", formatTree(entries));
  written.trees.push(tree);
  return tree.oid;
}

function hasFiles(directory: OpenDirectory): boolean {
  for (const entry of directory.entries.values()) {
    if (!("entries" in entry) || hasFiles(entry)) return true;
  }
  return false;
}
