/** A repository in a temporary folder, and short ways to fill it: for the tests of this folder. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GitRepository } from "./git-repository.ts";
import { createRepositoryStore, type GitStore } from "./git-store.ts";
import type { CommitRequest, GitPerson, TreeChange } from "./repository-store.ts";

export const ada: GitPerson = { name: "Ada", email: "ada@example.org" };
export const MAIN = "refs/heads/main";
export const ID = "65f0c0ffee0123456789abcd";

export interface Scratch extends AsyncDisposable {
  readonly directory: string;
  readonly store: GitStore;
  readonly repository: GitRepository;
  commit(changes: readonly TreeChange[], more?: Partial<CommitRequest>): Promise<string>;
  /** Paths of a revision; directories end in a slash. */
  paths(revision?: string): Promise<string[]>;
  git(...args: string[]): Promise<string>;
}

export function put(path: string, content: string | Uint8Array = path): TreeChange {
  return {
    type: "put",
    path,
    content: typeof content === "string" ? Buffer.from(content) : content,
  };
}

/** Each commit is a second younger than the one before. */
export async function createScratch(): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), "repositories-"));
  let seconds = 1_700_000_000;
  const store = await createRepositoryStore(directory, { now: () => new Date(seconds++ * 1000) });
  const repository = await store.create(ID);
  return {
    directory,
    store,
    repository,
    async commit(changes, more = {}) {
      const request = { ref: MAIN, author: ada, title: "Change", changes, ...more };
      return (await repository.commit(request)).oid;
    },
    async paths(revision = "main") {
      const oid = await repository.resolve(revision);
      const tree = await repository.listTree(oid ?? "", "", { recursive: true });
      return (tree ?? []).map((entry) => (entry.type === "file" ? entry.path : `${entry.path}/`));
    },
    async git(...args) {
      const run = promisify(execFile)("git", args, { cwd: repository.directory });
      return (await run).stdout.trim();
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
