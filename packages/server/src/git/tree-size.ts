/** How large a pushed tree is once it is spread out: few objects can name each other a billion times. */
import type { CatFile } from "../store/repositories/cat-file.ts";
import { MODE_DIRECTORY, parseTree } from "../store/repositories/tree-object.ts";

/** Most files and folders of one commit. */
const MAX_ENTRIES = 250_000;
/** Most folders inside each other. */
const MAX_DEPTH = 256;

interface Extent {
  readonly entries: number;
  readonly depth: number;
}

const TOO_LARGE: Extent = { entries: Number.POSITIVE_INFINITY, depth: 0 };

/** Looks at each tree once, however often it is used; one instance serves all references of a push. */
export class TreeSizes {
  readonly #objects: CatFile;
  readonly #known = new Map<string, Extent>();

  constructor(objects: CatFile) {
    this.#objects = objects;
  }

  /** Why the commit's files are too many; `undefined` when they are not. */
  async fault(commit: string): Promise<string | undefined> {
    const root = await this.#objects.info(`${commit}^{tree}`);
    const { entries, depth } = root ? await this.#extent(root.oid, 0) : TOO_LARGE;
    if (depth > MAX_DEPTH) return `a commit may nest at most ${MAX_DEPTH} folders`;
    if (entries > MAX_ENTRIES) return `a commit may have at most ${MAX_ENTRIES} files and folders`;
    return undefined;
  }

  async #extent(oid: string, level: number): Promise<Extent> {
    const known = this.#known.get(oid);
    if (known) return known;
    if (level > MAX_DEPTH) return { entries: 0, depth: 1 };
    const tree = await this.#objects.contents(oid);
    if (tree?.type !== "tree") return TOO_LARGE;
    let entries = 0;
    let depth = 0;
    for (const entry of parseTree(tree.data)) {
      entries++;
      if (entry.mode !== MODE_DIRECTORY) continue;
      const inside = await this.#extent(entry.oid, level + 1);
      entries += inside.entries;
      depth = Math.max(depth, inside.depth);
      if (entries > MAX_ENTRIES || depth + 1 > MAX_DEPTH) break;
    }
    const extent = { entries, depth: depth + 1 };
    this.#known.set(oid, extent);
    return extent;
  }
}
