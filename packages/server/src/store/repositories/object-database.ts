import { join } from "node:path";
import { syncDirectory } from "../blobs/durable-files.ts";
import type { CatFile, GitObject, ObjectInfo, ObjectType } from "./cat-file.ts";
import type { CatFilePool } from "./cat-file-pool.ts";
import { ObjectNotFoundError } from "./errors.ts";
import { runGit, streamGit } from "./git-process.ts";
import { POINTER_BYTES, parseLfsPointer } from "./lfs-pointer.ts";
import { LruMap } from "./lru-map.ts";
import { type NewObject, packObjects } from "./pack-writer.ts";
import { isOid } from "./ref-names.ts";
import type { LfsPointer } from "./repository-store.ts";
import { parseTree, type TreeObject } from "./tree-object.ts";

/** Larger blobs get a process of their own, so that nobody waits behind them. */
const SHARED_BYTES = 1024 * 1024;

export interface BlobFacts {
  readonly size: number;
  readonly lfs?: LfsPointer;
}

/** What is known by object id holds in every repository: one cache serves all. */
export class ObjectCache {
  readonly trees: LruMap<TreeObject> = new LruMap(400_000, (tree) => tree.length + 1);
  readonly blobs: LruMap<BlobFacts> = new LruMap(200_000);
  /** Commit → its tree. */
  readonly roots: LruMap<string> = new LruMap(20_000);
}

/** Objects of one bare repository. */
export class ObjectDatabase {
  readonly #directory: string;
  readonly #pool: CatFilePool;
  readonly #cache: ObjectCache;

  constructor(directory: string, pool: CatFilePool, cache: ObjectCache) {
    this.#directory = directory;
    this.#pool = pool;
    this.#cache = cache;
  }

  use<T>(work: (process: CatFile) => Promise<T>): Promise<T> {
    return this.#pool.use(this.#directory, work);
  }

  /** @throws {ObjectNotFoundError} */
  async read(oid: string, type: ObjectType): Promise<GitObject> {
    if (!isOid(oid)) throw new ObjectNotFoundError(oid, type);
    const found = await this.use((process) => process.contents(oid));
    if (found?.type !== type) throw new ObjectNotFoundError(oid, type);
    return found;
  }

  /** @throws {ObjectNotFoundError} */
  async info(oid: string, type: ObjectType): Promise<ObjectInfo> {
    if (!isOid(oid)) throw new ObjectNotFoundError(oid, type);
    const found = await this.use((process) => process.info(oid));
    if (found?.type !== type) throw new ObjectNotFoundError(oid, type);
    return found;
  }

  async tree(oid: string): Promise<TreeObject> {
    const known = this.#cache.trees.get(oid);
    if (known) return known;
    const tree = parseTree((await this.read(oid, "tree")).data);
    this.#cache.trees.set(oid, tree);
    return tree;
  }

  /** Tree id of a commit. @throws {ObjectNotFoundError} */
  async root(commit: string): Promise<string> {
    const known = this.#cache.roots.get(commit);
    if (known !== undefined) return known;
    if (!isOid(commit)) throw new ObjectNotFoundError(commit, "commit");
    const found = await this.use((process) => process.info(`${commit}^{tree}`));
    if (!found) throw new ObjectNotFoundError(commit, "commit");
    this.#cache.roots.set(commit, found.oid);
    return found.oid;
  }

  /** Sizes, and pointers for those blobs that are pointers. Two round trips for any number. */
  async blobFacts(oids: Iterable<string>): Promise<ReadonlyMap<string, BlobFacts>> {
    const facts = new Map<string, BlobFacts>();
    const unknown = new Set<string>();
    for (const oid of oids) {
      const known = this.#cache.blobs.get(oid);
      if (known) facts.set(oid, known);
      else unknown.add(oid);
    }
    if (unknown.size === 0) return facts;
    await this.use(async (process) => {
      const infos = await Promise.all([...unknown].map((oid) => process.info(oid)));
      await Promise.all(
        infos.map(async (info) => {
          if (!info) return;
          const fact = await blobFact(process, info);
          this.#cache.blobs.set(info.oid, fact);
          facts.set(info.oid, fact);
        }),
      );
    });
    return facts;
  }

  /** Stores objects durably, as one pack. */
  async write(objects: readonly NewObject[]): Promise<void> {
    if (objects.length === 0) return;
    const args = ["index-pack", "--stdin"];
    await runGit({ directory: this.#directory, args }, packObjects(objects));
    await syncDirectory(join(this.#directory, "objects", "pack"));
  }

  async *stream(
    oid: string,
    { start, end }: { start: number; end: number },
  ): AsyncGenerator<Uint8Array, void> {
    const { size } = await this.info(oid, "blob");
    if (size <= SHARED_BYTES) {
      const { data } = await this.read(oid, "blob");
      if (start < Math.min(end, size)) yield data.subarray(start, end);
      return;
    }
    let at = 0;
    if (start >= end) return;
    for await (const chunk of streamGit({
      directory: this.#directory,
      args: ["cat-file", "blob", oid],
    })) {
      const part = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
      if (part.length > 0) yield part;
      at += chunk.length;
      if (at >= end) return;
    }
  }
}

async function blobFact(process: CatFile, { oid, size }: ObjectInfo): Promise<BlobFacts> {
  if (size < POINTER_BYTES.min || size > POINTER_BYTES.max) return { size };
  const found = await process.contents(oid);
  const lfs = found && parseLfsPointer(found.data);
  return lfs ? { size: lfs.size, lfs } : { size };
}
