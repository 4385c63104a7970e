import { RefConflictError, StaleParentError } from "./errors.ts";
import { countCommits, findLastCommits, readDiff, readLog } from "./history.ts";
import type { LruMap } from "./lru-map.ts";
import type { Maintenance } from "./maintenance.ts";
import type { ObjectDatabase } from "./object-database.ts";
import { type NewObject, newObject } from "./pack-writer.ts";
import { checkRef, revisionCandidates } from "./ref-names.ts";
import { readRef, readRefs, updateRefs } from "./references.ts";
import { isRepositoryPath } from "./repository-paths.ts";
import type {
  CommitRequest,
  GitCommit,
  GitPerson,
  GitRef,
  LfsPointer,
  ListTreeOptions,
  RefUpdate,
  Repository,
  TreeEntry,
} from "./repository-store.ts";
import { editTree, type TreeEdit, toTreeEdits } from "./tree-edit.ts";
import { findEntries, listTree } from "./tree-walk.ts";

const MAX_BLOB_BYTES = 20 * 1024 * 1024;
/** How often a commit is put onto a head that moved meanwhile. */
const MAX_ATTEMPTS = 20;

export interface GitRepositoryParts {
  readonly directory: string;
  readonly objects: ObjectDatabase;
  readonly maintenance: Maintenance;
  readonly now: () => Date;
  /** Answers that never change, by `directory`, commit and path. */
  readonly history: LruMap<GitCommit | number>;
  /** Runs writers of one repository, in this process, one after the other. */
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>;
}

/** A bare repository on this machine. */
export class GitRepository implements Repository {
  readonly directory: string;
  readonly #parts: GitRepositoryParts;

  constructor(parts: GitRepositoryParts) {
    this.directory = parts.directory;
    this.#parts = parts;
  }

  get #objects(): ObjectDatabase {
    return this.#parts.objects;
  }

  async resolve(revision: string): Promise<string | undefined> {
    const candidates = revisionCandidates(revision);
    if (candidates.length === 0) return undefined;
    const found = await this.#objects.use((process) =>
      Promise.all(candidates.map((name) => process.info(`${name}^{commit}`))),
    );
    return found.find((info) => info !== undefined)?.oid;
  }

  async refs(): Promise<readonly GitRef[]> {
    const refs = await readRefs(this.directory);
    return refs.map(({ ref, commit }) => ({ ref, commit }));
  }

  listTree(
    commit: string,
    path: string,
    options?: ListTreeOptions,
  ): Promise<readonly TreeEntry[] | undefined> {
    return listTree(this.#objects, { commit, path }, options);
  }

  entries(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]> {
    return findEntries(this.#objects, commit, paths);
  }

  async readBlob(oid: string, maxBytes: number = MAX_BLOB_BYTES): Promise<Uint8Array> {
    const { size } = await this.#objects.info(oid, "blob");
    if (size > maxBytes) {
      throw new RangeError(
        `Cannot read blob ${oid} whole: ${size} bytes are more than ${maxBytes}`,
      );
    }
    return (await this.#objects.read(oid, "blob")).data;
  }

  streamBlob(
    oid: string,
    range: { start: number; end: number } = { start: 0, end: Number.POSITIVE_INFINITY },
  ): AsyncIterable<Uint8Array> {
    return this.#objects.stream(oid, range);
  }

  async log(
    commit: string,
    options: { readonly skip?: number; readonly limit: number; readonly path?: string },
  ): Promise<readonly GitCommit[]> {
    await this.#objects.info(commit, "commit");
    if (options.path && !isRepositoryPath(options.path)) return [];
    return readLog(this.directory, commit, options);
  }

  async countCommits(commit: string): Promise<number> {
    const key = `${this.directory}\0${commit}`;
    const known = this.#parts.history.get(key);
    if (typeof known === "number") return known;
    await this.#objects.info(commit, "commit");
    const count = await countCommits(this.directory, commit);
    this.#parts.history.set(key, count);
    return count;
  }

  async lastCommits(
    commit: string,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, GitCommit>> {
    const { history } = this.#parts;
    const key = (path: string) => `${this.directory}\0${commit}\0${path}`;
    const last = new Map<string, GitCommit>();
    const unknown: string[] = [];
    for (const path of paths) {
      const known = history.get(key(path));
      if (typeof known === "object") last.set(path, known);
      else unknown.push(path);
    }
    // Paths that do not exist would make the walk go back to the first commit.
    const existing = await this.entries(commit, unknown);
    const wanted = existing.map((entry) => entry.path);
    for (const [path, found] of await findLastCommits(this.directory, commit, wanted)) {
      history.set(key(path), found);
      last.set(path, found);
    }
    return last;
  }

  async diff(commit: string, maxBytes: number): Promise<string> {
    await this.#objects.info(commit, "commit");
    return readDiff(this.directory, commit, maxBytes);
  }

  async commit(
    request: CommitRequest,
  ): Promise<{ readonly oid: string; readonly changed: boolean }> {
    checkRef(request.ref);
    const edits = await toTreeEdits(request.changes);
    return this.#parts.exclusive(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#tryCommit(request, edits);
        } catch (error) {
          if (!(error instanceof RefConflictError) || attempt >= MAX_ATTEMPTS) throw error;
        }
      }
    });
  }

  async #tryCommit(
    request: CommitRequest,
    edits: readonly TreeEdit[],
  ): Promise<{ readonly oid: string; readonly changed: boolean }> {
    const { head, parent } = await this.#parentOf(request);
    const before = parent && (await this.#objects.root(parent));
    const { root, added } = await editTree(this.#objects, before, edits);
    if (head !== undefined && root === before) return { oid: head, changed: false };
    const commit = this.#newCommit({ ...request, root, parents: parent ? [parent] : [] });
    await this.#objects.write([...added, commit]);
    await this.updateRefs([{ ref: request.ref, before: head, after: commit.oid }]);
    return { oid: commit.oid, changed: true };
  }

  /** @throws {StaleParentError} */
  async #parentOf(
    request: CommitRequest,
  ): Promise<{ readonly head: string | undefined; readonly parent: string | undefined }> {
    const { ref, expectedParent, startingPoint } = request;
    const head = await this.resolve(ref);
    const parent = head ?? startingPoint;
    if (expectedParent !== undefined && !isSameCommit(parent, expectedParent)) {
      throw new StaleParentError(ref, expectedParent, parent);
    }
    return { head, parent };
  }

  async updateRef(update: RefUpdate): Promise<void> {
    let { before } = update;
    if (before !== undefined && update.ref.startsWith("refs/tags/")) {
      // Callers know the commit of an annotated tag; Git compares the tag object.
      const raw = await readRef(this.directory, update.ref);
      if (raw?.commit === before) before = raw.oid;
    }
    await this.updateRefs([{ ...update, before }]);
  }

  async updateRefs(updates: readonly RefUpdate[]): Promise<void> {
    await updateRefs(this.directory, updates);
    this.#parts.maintenance.written(this.directory);
  }

  async tagTarget(tag: {
    name: string;
    commit: string;
    message?: string;
    tagger: GitPerson;
  }): Promise<string> {
    checkRef(`refs/tags/${tag.name}`);
    await this.#objects.info(tag.commit, "commit");
    if (tag.message === undefined || tag.message === "") return tag.commit;
    const lines = [
      `object ${tag.commit}`,
      "type commit",
      `tag ${tag.name}`,
      `tagger ${this.#signature(tag.tagger)}`,
      "",
      messageText(tag.message),
    ];
    const object = newObject("tag", Buffer.from(lines.join("\n")));
    await this.#objects.write([object]);
    return object.oid;
  }

  async squash(request: { commit: string; title: string; author: GitPerson }): Promise<string> {
    const root = await this.#objects.root(request.commit);
    const commit = this.#newCommit({ ...request, root, parents: [] });
    await this.#objects.write([commit]);
    return commit.oid;
  }

  async lfsPointers(commit: string): Promise<readonly LfsPointer[]> {
    const pointers = new Map<string, LfsPointer>();
    for (const entry of (await this.listTree(commit, "", { recursive: true })) ?? []) {
      if (entry.type === "file" && entry.lfs) pointers.set(entry.lfs.oid, entry.lfs);
    }
    return [...pointers.values()];
  }

  #newCommit(commit: {
    readonly root: string;
    readonly parents: readonly string[];
    readonly author: GitPerson;
    readonly title: string;
    readonly body?: string;
  }): NewObject {
    const signature = this.#signature(commit.author);
    const lines = [
      `tree ${commit.root}`,
      ...commit.parents.map((parent) => `parent ${parent}`),
      `author ${signature}`,
      `committer ${signature}`,
      "",
      messageText(`${commit.title}\n\n${commit.body ?? ""}`),
    ];
    return newObject("commit", Buffer.from(lines.join("\n")));
  }

  #signature({ name, email }: GitPerson): string {
    const seconds = Math.floor(this.#parts.now().getTime() / 1000);
    return `${plain(name) || "unknown"} <${plain(email)}> ${seconds} +0000`;
  }
}

function isSameCommit(commit: string | undefined, expected: string): boolean {
  if (commit === undefined) return false;
  return expected.length >= 7 && commit.startsWith(expected.toLowerCase());
}

/** A name or address as a commit can hold it. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the field
  return text.replaceAll(/[\u0000-\u001f\u007f<>]/g, " ").trim();
}

function messageText(message: string): string {
  return `${message.replaceAll("\0", "").trim()}\n`;
}
