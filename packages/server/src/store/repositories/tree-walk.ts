import type { ObjectDatabase } from "./object-database.ts";
import type { ListTreeOptions, TreeEntry } from "./repository-store.ts";
import {
  compareKeys,
  MODE_DIRECTORY,
  MODE_SUBMODULE,
  type TreeObject,
  type TreeObjectEntry,
} from "./tree-object.ts";

/** Trees asked for ahead of the walk, in one round trip. */
const AHEAD = 64;

interface Found {
  readonly path: string;
  readonly entry: TreeObjectEntry;
}

interface Walk {
  readonly objects: ObjectDatabase;
  readonly recursive: boolean;
  readonly limit: number;
  readonly found: Found[];
}

/** `undefined` when `path` is not a directory of that commit. */
export async function listTree(
  objects: ObjectDatabase,
  at: { readonly commit: string; readonly path: string },
  { recursive = false, after, limit = Number.POSITIVE_INFINITY }: ListTreeOptions = {},
): Promise<readonly TreeEntry[] | undefined> {
  const path = at.path.replace(/\/+$/, "");
  const tree = await directory(objects, at.commit, path);
  if (tree === undefined) return undefined;
  const prefix = path === "" ? "" : `${path}/`;
  const walk: Walk = { objects, recursive, limit, found: [] };
  const start = after === undefined ? [] : relative(after, prefix);
  if (start !== undefined) await visit(walk, { tree, prefix, after: start });
  return describe(objects, walk.found);
}

/** Those of `paths` that exist in a commit, in the order of `paths`. */
export async function findEntries(
  objects: ObjectDatabase,
  commit: string,
  paths: readonly string[],
): Promise<readonly TreeEntry[]> {
  const root = await objects.root(commit);
  const wanted = [...new Set(paths.map((path) => path.replace(/\/+$/, "")))];
  const found = await Promise.all(wanted.map((path) => findEntry(objects, root, path)));
  return describe(
    objects,
    found.filter((item) => item !== undefined),
  );
}

async function findEntry(
  objects: ObjectDatabase,
  root: string,
  path: string,
): Promise<Found | undefined> {
  let oid: string | undefined = root;
  let entry: TreeObjectEntry | undefined;
  for (const name of path.split("/")) {
    if (oid === undefined) return undefined;
    const tree: TreeObject = await objects.tree(oid);
    entry = tree.find((item) => item.name === name);
    oid = entry?.mode === MODE_DIRECTORY ? entry.oid : undefined;
  }
  return entry && { path, entry };
}

async function directory(
  objects: ObjectDatabase,
  commit: string,
  path: string,
): Promise<TreeObject | undefined> {
  const root = await objects.root(commit);
  if (path === "") return objects.tree(root);
  const found = await findEntry(objects, root, path);
  return found?.entry.mode === MODE_DIRECTORY ? objects.tree(found.entry.oid) : undefined;
}

/** Names below the listed directory that lead to `after`; `undefined` when it sorts behind all of it. */
function relative(after: string, prefix: string): readonly string[] | undefined {
  if (after.startsWith(prefix)) return after.slice(prefix.length).split("/");
  return compareKeys(latin1(after), latin1(prefix)) < 0 ? [] : undefined;
}

interface Place {
  readonly tree: TreeObject;
  readonly prefix: string;
  /** Names that lead to the last entry the reader has; empty when it has none of this tree. */
  readonly after: readonly string[];
}

/** Before order: a directory, then what is in it. */
async function visit(walk: Walk, { tree, prefix, after }: Place): Promise<void> {
  const from = startKey(tree, after);
  const trees = ahead(walk, tree, from);
  for (const entry of tree) {
    if (walk.found.length >= walk.limit) return;
    const order = compareKeys(entry.sortKey, from);
    if (order < 0 || entry.mode === MODE_SUBMODULE) continue;
    const path = prefix + entry.name;
    if (order > 0) walk.found.push({ path, entry });
    if (!walk.recursive || entry.mode !== MODE_DIRECTORY) continue;
    const inside = await trees(entry);
    const rest = order === 0 ? after.slice(1) : [];
    await visit(walk, { tree: inside, prefix: `${path}/`, after: rest });
  }
}

/** Entries that sort before it the reader has; the one that equals it too, though perhaps not all that is in it. */
function startKey(tree: TreeObject, after: readonly string[]): string {
  const [name] = after;
  if (name === undefined) return "";
  const known = tree.find((entry) => entry.name === name);
  return known?.sortKey ?? (after.length > 1 ? `${latin1(name)}/` : latin1(name));
}

/** Reads the trees below `tree`, several ahead of the one that is asked for. */
function ahead(
  walk: Walk,
  tree: TreeObject,
  from: string,
): (entry: TreeObjectEntry) => Promise<TreeObject> {
  const directories = walk.recursive
    ? tree.filter((entry) => entry.mode === MODE_DIRECTORY && compareKeys(entry.sortKey, from) >= 0)
    : [];
  const asked = new Map<TreeObjectEntry, Promise<TreeObject>>();
  let next = 0;
  return (entry) => {
    if (!asked.has(entry)) {
      for (const end = next + AHEAD; next < Math.min(end, directories.length); next++) {
        const directory = directories[next]!;
        const reading = walk.objects.tree(directory.oid);
        reading.catch(() => undefined); // thrown where it is awaited; the walk may end before
        asked.set(directory, reading);
      }
    }
    const reading = asked.get(entry) ?? walk.objects.tree(entry.oid);
    asked.delete(entry);
    return reading;
  };
}

async function describe(
  objects: ObjectDatabase,
  found: readonly Found[],
): Promise<readonly TreeEntry[]> {
  const files = found.filter(({ entry }) => entry.mode !== MODE_DIRECTORY);
  const facts = await objects.blobFacts(files.map(({ entry }) => entry.oid));
  return found
    .filter(({ entry }) => entry.mode !== MODE_SUBMODULE)
    .map(({ path, entry }): TreeEntry => {
      if (entry.mode === MODE_DIRECTORY) return { type: "directory", path, oid: entry.oid };
      const fact = facts.get(entry.oid) ?? { size: 0 };
      return { type: "file", path, oid: entry.oid, ...fact };
    });
}

function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
