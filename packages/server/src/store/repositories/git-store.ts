import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, syncDirectory } from "../blobs/durable-files.ts";
import { CatFilePool, type CatFilePoolOptions } from "./cat-file-pool.ts";
import { GitError } from "./errors.ts";
import { checkGitVersion } from "./git-process.ts";
import { GitRepository } from "./git-repository.ts";
import { LruMap } from "./lru-map.ts";
import { Maintenance } from "./maintenance.ts";
import { ObjectCache, ObjectDatabase } from "./object-database.ts";
import { initRepository } from "./references.ts";
import type { GitCommit, RepositoryStore } from "./repository-store.ts";

const ABANDONED_MS = 60 * 60 * 1000;

export interface GitStoreOptions extends CatFilePoolOptions {
  /** Dates commits. Default: the system's clock. */
  readonly now?: () => Date;
}

/**
 * Bare repositories in `directory`, as `<id[0:2]>/<id>.git`, read and written with the `git` program.
 *
 * @throws {GitError} when there is no `git`, or one that is too old.
 */
export async function createRepositoryStore(
  directory: string,
  options: GitStoreOptions = {},
): Promise<GitStore> {
  await checkGitVersion();
  // What is being created or deleted: whole repositories appear and vanish by one rename.
  const aside = join(directory, "aside");
  await makeDirectory(aside);
  for (const name of await readdir(aside)) {
    const found = await stat(join(aside, name)).catch(() => undefined);
    // A younger one may be another process's repository in the making.
    if (found && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(join(aside, name), { recursive: true, force: true });
    }
  }
  return new GitStore(directory, options);
}

export class GitStore implements RepositoryStore {
  readonly #directory: string;
  readonly #now: () => Date;
  readonly #pool: CatFilePool;
  readonly #cache = new ObjectCache();
  readonly #history = new LruMap<GitCommit | number>(50_000);
  readonly #maintenance = new Maintenance();
  readonly #writers = new Map<string, Promise<unknown>>();

  constructor(directory: string, options: GitStoreOptions) {
    this.#directory = directory;
    this.#now = options.now ?? (() => new Date());
    this.#pool = new CatFilePool(options);
  }

  async create(storageId: string): Promise<GitRepository> {
    const target = this.#path(storageId);
    const building = this.#aside(storageId);
    if ((await stat(target).catch(() => undefined)) !== undefined) {
      throw new GitError(`Cannot create repository ${storageId}: there is one already`);
    }
    try {
      await initRepository(building);
      await syncAll(building);
      await makeDirectory(dirname(target));
      await rename(building, target);
      await syncDirectory(dirname(target));
    } finally {
      await rm(building, { recursive: true, force: true });
    }
    return this.open(storageId);
  }

  open(storageId: string): GitRepository {
    const directory = this.#path(storageId);
    return new GitRepository({
      directory,
      objects: new ObjectDatabase(directory, this.#pool, this.#cache),
      maintenance: this.#maintenance,
      now: this.#now,
      history: this.#history,
      exclusive: (work) => this.#exclusive(directory, work),
    });
  }

  async delete(storageId: string): Promise<void> {
    const directory = this.#path(storageId);
    const aside = this.#aside(storageId);
    this.#pool.closeRepository(directory);
    try {
      await rename(directory, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // as: what node:fs throws
      throw error;
    }
    await syncDirectory(dirname(directory));
    await rm(aside, { recursive: true, force: true });
  }

  /** Until maintenance under way is done; for tests and orderly shutdown. */
  async idle(): Promise<void> {
    await this.#maintenance.idle();
  }

  async close(): Promise<void> {
    await this.#maintenance.close();
    this.#pool.close();
  }

  async #exclusive<T>(directory: string, work: () => Promise<T>): Promise<T> {
    const before = this.#writers.get(directory) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => undefined);
    this.#writers.set(directory, settled);
    try {
      return await turn;
    } finally {
      if (this.#writers.get(directory) === settled) this.#writers.delete(directory);
    }
  }

  #path(storageId: string): string {
    if (!/^[0-9a-z]{4,64}$/.test(storageId)) {
      throw new RangeError(`"${storageId.slice(0, 100)}" is not a repository's storage id`);
    }
    return join(this.#directory, storageId.slice(0, 2), `${storageId}.git`);
  }

  #aside(storageId: string): string {
    return join(this.#directory, "aside", `${storageId}-${randomBytes(6).toString("hex")}`);
  }
}

/** Git syncs objects and references, not the files that it makes a repository of. */
async function syncAll(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncAll(path);
    else await syncDirectory(path); // opening to read and syncing works for files alike
  }
  await syncDirectory(directory);
}
