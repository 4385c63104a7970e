import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { tryGit } from "./git-process.ts";

const MANY_PACKS = 48;
/** Writes between two looks at a repository. */
const WRITES_BETWEEN = 16;
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Keeps the number of packs small: every commit writes one.
 *
 * Packs are joined geometrically, so each object is copied a logarithmic number of times. Nothing is pruned: an
 * object that no reference reaches yet may belong to a commit that is being made. One repository at a time.
 */
export class Maintenance {
  readonly #writes = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();
  readonly #queued = new Set<string>();
  readonly #stop = new AbortController();

  /** Called after every write; returns at once. */
  written(directory: string): void {
    const writes = (this.#writes.get(directory) ?? WRITES_BETWEEN - 1) + 1;
    this.#writes.set(directory, writes % WRITES_BETWEEN);
    if (writes < WRITES_BETWEEN || this.#queued.has(directory) || this.#stop.signal.aborted) return;
    this.#queued.add(directory);
    // A failure leaves the repository as it was: correct, only slower. The next write tries again.
    this.#queue = this.#queue
      .then(() => this.#maintain(directory))
      .catch(() => undefined)
      .finally(() => this.#queued.delete(directory));
  }

  /** Until what is queued is done. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#queue;
  }

  async #maintain(directory: string): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const objects = join(directory, "objects");
    await removeAbandoned(objects, /^tmp_objdir-/);
    await removeAbandoned(join(objects, "pack"), /^tmp_/);
    const names = await readdir(join(objects, "pack"));
    if (names.filter((name) => name.endsWith(".pack")).length < MANY_PACKS) return;
    const args = ["-c", "pack.threads=1", "repack", "--geometric=2", "-d", "--quiet"];
    await tryGit({ directory, args, signal: this.#stop.signal });
  }
}

/** What a killed process left while it received objects. */
async function removeAbandoned(folder: string, pattern: RegExp): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!pattern.test(name)) continue;
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
