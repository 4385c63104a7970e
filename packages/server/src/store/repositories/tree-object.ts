/** Git's tree objects: bytes ⇄ entries. Names that are not UTF-8 keep their bytes. */

export const MODE_DIRECTORY = 0o40000;
export const MODE_FILE = 0o100644;
export const MODE_EXECUTABLE = 0o100755;
export const MODE_SYMLINK = 0o120000;
export const MODE_SUBMODULE = 0o160000;

export interface TreeObjectEntry {
  readonly mode: number;
  readonly name: string;
  /** The name's bytes as Latin-1, with a slash after a directory's: compares as Git sorts. */
  readonly sortKey: string;
  readonly oid: string;
}

export type TreeObject = readonly TreeObjectEntry[];

export function treeEntry(mode: number, name: string, oid: string): TreeObjectEntry {
  return { mode, name, oid, sortKey: sortKeyOf(Buffer.from(name).toString("latin1"), mode) };
}

function sortKeyOf(latin1: string, mode: number): string {
  return mode === MODE_DIRECTORY ? `${latin1}/` : latin1;
}

/** @throws {SyntaxError} when the bytes are not a tree. */
export function parseTree(data: Buffer): TreeObject {
  const entries: TreeObjectEntry[] = [];
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(32, at);
    const nul = data.indexOf(0, space);
    if (space < 0 || nul < 0 || nul + 21 > data.length) throw new SyntaxError("Not a tree object");
    const mode = Number.parseInt(data.toString("latin1", at, space), 8);
    const name = data.toString("utf8", space + 1, nul);
    const latin1 = data.toString("latin1", space + 1, nul);
    const oid = data.toString("hex", nul + 1, nul + 21);
    entries.push({ mode, name, oid, sortKey: sortKeyOf(latin1, mode) });
    at = nul + 21;
  }
  return entries;
}

/** Sorts `entries` as Git does. */
export function formatTree(entries: readonly TreeObjectEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => compareKeys(a.sortKey, b.sortKey));
  return Buffer.concat(
    sorted.flatMap(({ mode, sortKey, oid }) => [
      Buffer.from(`${mode.toString(8)} `),
      Buffer.from(mode === MODE_DIRECTORY ? sortKey.slice(0, -1) : sortKey, "latin1"),
      Buffer.from([0]),
      Buffer.from(oid, "hex"),
    ]),
  );
}

export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
