/** The Git side of a repository: commits, trees, references. It knows nothing of users, cards or HTTP. */

export interface GitRef {
  /** Full name: `refs/heads/main`, `refs/tags/v1`, `refs/pr/1`, `refs/convert/parquet`. */
  readonly ref: string;
  /** Commit it leads to (an annotated tag is peeled). */
  readonly commit: string;
}

export interface LfsPointer {
  /** sha256 of the content, 64 hexadecimal digits. */
  readonly oid: string;
  /** Size of the content in bytes. */
  readonly size: number;
  /** Size of the pointer blob in bytes. */
  readonly pointerSize: number;
}

export type TreeEntry =
  | { readonly type: "directory"; readonly path: string; readonly oid: string }
  | {
      readonly type: "file";
      readonly path: string;
      /** Git blob id; for an LFS file that of the pointer. */
      readonly oid: string;
      /** Size in bytes of the content that a reader gets (an LFS file's real size). */
      readonly size: number;
      readonly lfs?: LfsPointer;
    };

export interface GitPerson {
  readonly name: string;
  readonly email: string;
}

export interface GitCommit {
  readonly oid: string;
  readonly parents: readonly string[];
  readonly title: string;
  /** Message after the title line. */
  readonly body: string;
  readonly author: GitPerson;
  readonly date: Date;
}

export type TreeChange =
  | { readonly type: "put"; readonly path: string; readonly content: Uint8Array }
  | { readonly type: "put-lfs"; readonly path: string; readonly oid: string; readonly size: number }
  | { readonly type: "delete-file"; readonly path: string }
  | { readonly type: "delete-folder"; readonly path: string };

export interface CommitRequest {
  /** Full reference that moves: `refs/heads/main`. */
  readonly ref: string;
  /** Refuse when the reference is elsewhere. */
  readonly expectedParent?: string | undefined;
  /** Where a reference that does not exist yet starts; without it the commit has no parent. */
  readonly startingPoint?: string | undefined;
  readonly author: GitPerson;
  readonly title: string;
  readonly body?: string;
  readonly changes: readonly TreeChange[];
}

export interface ListTreeOptions {
  readonly recursive?: boolean;
  /** Entries after this path (in Git's path order) only. */
  readonly after?: string | undefined;
  readonly limit?: number;
}

export interface RefUpdate {
  readonly ref: string;
  /** `undefined` for one that did not exist. */
  readonly before: string | undefined;
  /** `undefined` for one that was deleted. */
  readonly after: string | undefined;
}

export interface Repository {
  /** Where the bare repository is: for the programs that speak Git's own protocols. */
  readonly directory: string;
  /** Branch, tag, full or short (7+) sha, `refs/…`, `HEAD` → commit; `undefined` when there is none. */
  resolve(revision: string): Promise<string | undefined>;
  refs(): Promise<readonly GitRef[]>;
  /** `undefined` when `path` is not a directory of that commit. The root is `""`. */
  listTree(
    commit: string,
    path: string,
    options?: ListTreeOptions,
  ): Promise<readonly TreeEntry[] | undefined>;
  /** The entries that exist among `paths`. */
  entries(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]>;
  /** Whole content of a blob; @throws {RangeError} above `maxBytes` (default 20 MiB). */
  readBlob(oid: string, maxBytes?: number): Promise<Uint8Array>;
  /** Content of a blob of any size, optionally only bytes [start, end). */
  streamBlob(oid: string, range?: { start: number; end: number }): AsyncIterable<Uint8Array>;
  /** Newest first. `path` keeps the commits that touched it. */
  log(
    commit: string,
    options: { readonly skip?: number; readonly limit: number; readonly path?: string },
  ): Promise<readonly GitCommit[]>;
  countCommits(commit: string): Promise<number>;
  /** For each of `paths`, the last commit that touched it. */
  lastCommits(commit: string, paths: readonly string[]): Promise<ReadonlyMap<string, GitCommit>>;
  /** Unified diff against the first parent, cut off after `maxBytes`. */
  diff(commit: string, maxBytes: number): Promise<string>;
  /**
   * Writes blobs, trees and the commit, then moves the reference by compare-and-swap.
   * A commit that changes nothing gives the present head with `changed: false`.
   *
   * @throws {StaleParentError} when `expectedParent` is not the head.
   * @throws {RefConflictError} when another writer moved the reference meanwhile, again and again.
   * @throws {InvalidPathError} for `..`, `.git`, backslashes, control characters, empty segments …, and for a `put`
   * whose content is an LFS pointer: that is what `put-lfs` is for.
   * @throws {EntryNotFoundError} when a deleted path does not exist.
   */
  commit(request: CommitRequest): Promise<{ readonly oid: string; readonly changed: boolean }>;
  /** Compare-and-swap of one reference; `before`/`after` undefined mean absent. @throws {RefConflictError} */
  updateRef(update: RefUpdate, options?: { readonly message?: string }): Promise<void>;
  /** As `updateRef`, for several at once: all move, or none. @throws {RefConflictError} */
  updateRefs(updates: readonly RefUpdate[]): Promise<void>;
  /** An annotated tag object's oid when `message` is given, else `commit` itself. */
  tagTarget(tag: {
    name: string;
    commit: string;
    message?: string;
    tagger: GitPerson;
  }): Promise<string>;
  /** A commit without parents that has the tree of `commit`. */
  squash(request: { commit: string; title: string; author: GitPerson }): Promise<string>;
  /** Every LFS object that `commit` reaches in its tree. */
  lfsPointers(commit: string): Promise<readonly LfsPointer[]>;
}

export interface RepositoryStore {
  /** `storageId` is the repository's record id, so that renaming moves nothing on disk. */
  create(storageId: string): Promise<Repository>;
  /** Cheap: touches nothing until it is used. */
  open(storageId: string): Repository;
  delete(storageId: string): Promise<void>;
  close(): Promise<void>;
}
