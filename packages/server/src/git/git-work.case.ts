/** What tests of the smart HTTP protocol do with repositories and their clones. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Repository, TreeChange } from "../store/repositories/repository-store.ts";
import type { ScratchHub } from "./scratch-hub.case.ts";

export function put(path: string, content: string): TreeChange {
  return { type: "put", path, content: Buffer.from(content) };
}

export interface Clone {
  readonly name: string;
  readonly id: string;
  readonly repository: Repository;
  readonly folder: string;
}

let count = 0;

/** A new repository and a clone of it. */
export async function cloned(
  hub: ScratchHub,
  options?: { readonly private?: boolean },
): Promise<Clone> {
  const name = `repo-${count++}`;
  const repository = await hub.createRepo(name, options);
  await hub.git("", "clone", "--quiet", hub.remote(`ada/${name}`), name);
  return { name, id: `ada/${name}`, repository, folder: join(hub.directory, name) };
}

export async function apiCommit(
  hub: ScratchHub,
  id: string,
  changes: readonly TreeChange[],
): Promise<string> {
  const { context, ada } = hub;
  const { git } = await context.services.repositories.open(ada, { type: "model", id });
  const author = { name: "Api", email: "api@example.org" };
  const request = { ref: "refs/heads/main", author, title: "By the API", changes };
  return (await git.commit(request)).oid;
}

/** Writes a file in the clone called `name`, and commits it there. */
export async function commitFile(
  hub: ScratchHub,
  name: string,
  { path, content }: { readonly path: string; readonly content: string | Uint8Array },
): Promise<void> {
  const file = join(hub.directory, name, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, content);
  await hub.git(name, "add", "--all");
  await hub.git(name, "commit", "--quiet", "-m", `Write ${path}`);
}

export async function headPaths(hub: ScratchHub, id: string): Promise<string[]> {
  const { git } = await hub.context.services.repositories.open(hub.ada, { type: "model", id });
  const tree = await git.listTree((await git.resolve("main")) ?? "", "", { recursive: true });
  return (tree ?? []).map((entry) => entry.path);
}
