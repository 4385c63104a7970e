/** What a push may bring: checked on the quarantined objects, before any reference moves. */
import type { HubContext } from "../http/context.ts";
import { linkedObjects } from "../lfs/repository-objects.ts";
import { validateCard } from "../services/cards.ts";
import type { OpenRepo } from "../services/services.ts";
import { CatFile } from "../store/repositories/cat-file.ts";
import { POINTER_BYTES, parseLfsPointer } from "../store/repositories/lfs-pointer.ts";
import { checkRef } from "../store/repositories/ref-names.ts";
import type { LfsPointer, RefUpdate } from "../store/repositories/repository-store.ts";
import { type NewObject, newObjects } from "./new-objects.ts";
import type { PackContents } from "./pack-contents.ts";
import { TreeSizes } from "./tree-size.ts";

/** Most bytes of a file inside Git; larger ones belong into LFS. */
export const MAX_PUSHED_BYTES: number = 10 * 1024 * 1024;
/** Of commits, tags and folders, which are read whole. */
const MAX_OTHER_BYTES = { commit: 1024 * 1024, tag: 1024 * 1024, tree: 16 * 1024 * 1024 };
const MAX_CARD_BYTES = 1024 * 1024;
const MAX_NAMED = 20;
const POINTERS_AT_ONCE = 512;

export interface Push {
  readonly context: HubContext;
  readonly repo: OpenRepo;
  readonly updates: readonly RefUpdate[];
  /** Environment that shows the quarantined objects. */
  readonly env: Readonly<Record<string, string>>;
  /** `undefined` when the push brought no objects. */
  readonly received: PackContents | undefined;
  readonly signal: AbortSignal;
}

/** Why this reference may not be changed so, whatever it points to; `undefined` when it may. */
export function refFault({ ref, after }: RefUpdate): string | undefined {
  if (!/^refs\/(?:heads|tags|pr)\/./.test(ref)) {
    return "only refs/heads/*, refs/tags/* and refs/pr/* can be pushed";
  }
  try {
    checkRef(ref);
  } catch {
    return "funny refname";
  }
  if (ref === "refs/heads/main" && after === undefined) return "Cannot delete refs/heads/main";
  return undefined;
}

/** Lines that tell the pusher what is wrong; none when all is well. */
export async function checkPush(push: Push): Promise<readonly string[]> {
  const objects = new CatFile(push.repo.git.directory, push.env);
  try {
    const broken = await checkTargets(push, objects);
    if (broken.length > 0) return broken;
    const faults = [...(await checkFiles(push, objects)), ...(await checkExtents(push, objects))];
    return faults.length > 0
      ? faults
      : [...(await checkStrays(push)), ...(await checkCards(push, objects))];
  } finally {
    objects.close();
  }
}

/** A branch is a commit; a tag leads to one. */
async function checkTargets(push: Push, objects: CatFile): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { ref, after } of push.updates) {
    if (after === undefined) continue;
    const peeled = await objects.info(`${after}^{commit}`);
    const isCommit = ref.startsWith("refs/tags/") ? peeled !== undefined : peeled?.oid === after;
    if (!isCommit) faults.push(`${ref} must point to a commit`);
  }
  return faults;
}

/** Sizes of all new objects, and LFS pointers among them. @throws {ConnectivityError} */
async function checkFiles(push: Push, objects: CatFile): Promise<readonly string[]> {
  const large: string[] = [];
  const pointers = new Map<string, FoundPointer>();
  let maybe: { readonly oid: string; readonly path: string }[] = [];
  const readPointers = async () => {
    const found = await Promise.all(maybe.map(({ oid }) => objects.contents(oid)));
    for (const [index, object] of found.entries()) {
      const pointer = object && parseLfsPointer(object.data);
      if (pointer) pointers.set(pointer.oid, { pointer, path: maybe[index]?.path ?? "" });
    }
    maybe = [];
  };
  for await (const object of newObjects(push)) {
    const { type, oid, size, path } = object;
    push.received?.meet(oid);
    if (type !== "blob") {
      if (size > MAX_OTHER_BYTES[type]) return [oversize(object)];
      continue;
    }
    if (size > MAX_PUSHED_BYTES) large.push(`${path} (${(size / 2 ** 20).toFixed(1)} MiB)`);
    if (size >= POINTER_BYTES.min && size <= POINTER_BYTES.max) maybe.push({ oid, path });
    if (maybe.length >= POINTERS_AT_ONCE) await readPointers();
  }
  await readPointers();
  return [...largeFiles(large), ...(await checkPointers(push, [...pointers.values()]))];
}

function oversize({ type, oid }: NewObject): string {
  return `Your push was rejected because the ${type} ${oid} is too large.`;
}

/** What all the references spread out to. */
async function checkExtents(push: Push, objects: CatFile): Promise<readonly string[]> {
  const sizes = new TreeSizes(objects);
  for (const { ref, after } of push.updates) {
    const fault = after === undefined ? undefined : await sizes.fault(after);
    if (fault !== undefined) return [`Your push was rejected: ${fault} (${ref}).`];
  }
  return [];
}

const STRAYS_AT_ONCE = 512;

/**
 * All that was received must belong to what was checked: objects that no reference leads to would be readable by
 * their ids all the same. Those that a thin pack was completed with were here before.
 */
async function checkStrays({ repo, received }: Push): Promise<readonly string[]> {
  const present = new CatFile(repo.git.directory);
  try {
    let some: string[] = [];
    const haveNew = async (): Promise<boolean> => {
      const found = await Promise.all(some.map((oid) => present.info(oid)));
      some = [];
      return found.includes(undefined);
    };
    for (const oid of received?.others() ?? []) {
      some.push(oid);
      if (some.length >= STRAYS_AT_ONCE && (await haveNew())) return STRAYS;
    }
    return (await haveNew()) ? STRAYS : [];
  } finally {
    present.close();
  }
}

const STRAYS = [
  "Your push was rejected because it brings objects that none of its accepted references needs.",
  "If one of its references was refused, push the others without it.",
];

function largeFiles(files: readonly string[]): readonly string[] {
  if (files.length === 0) return [];
  return [
    "Your push was rejected because it contains files larger than 10 MiB.",
    "Please store them with Git LFS (https://git-lfs.com), and rewrite the commits that hold them:",
    '    git lfs migrate import --include="*.bin,*.safetensors" --everything',
    "For files larger than 5 GB also run: hf lfs-enable-largefiles .",
    "Offending files:",
    ...named(files),
  ];
}

interface FoundPointer {
  readonly path: string;
  readonly pointer: LfsPointer;
}

/** Content must be stored, and have come through this repository. */
async function checkPointers(
  push: Push,
  found: readonly FoundPointer[],
): Promise<readonly string[]> {
  if (found.length === 0) return [];
  const linked = await ownObjects(push, found);
  const missing: string[] = [];
  for (const { path, pointer } of found) {
    const stored = linked.has(pointer.oid)
      ? await push.context.services.content.statLfs(pointer.oid)
      : undefined;
    if (stored?.size !== pointer.size) missing.push(`${path} (sha256 ${pointer.oid})`);
  }
  if (missing.length === 0) return [];
  return [
    "Your push was rejected because LFS pointers point to files that do not exist.",
    "Upload their content to this repository first: git lfs push --all <remote>",
    "Offending files:",
    ...named(missing),
  ];
}

/** Ids of the content that was uploaded to the repository, or that its files have already. */
async function ownObjects(
  { context, repo, updates }: Push,
  found: readonly FoundPointer[],
): Promise<ReadonlySet<string>> {
  const wanted = found.map(({ pointer }) => pointer.oid);
  const own = new Set(await linkedObjects(context.database, repo.summary.recordId, wanted));
  if (own.size === found.length) return own;
  for (const { before } of updates) {
    const commit = before && (await repo.git.resolve(before));
    if (!commit) continue;
    for (const { oid } of await repo.git.lfsPointers(commit)) own.add(oid);
  }
  return own;
}

/** The front matter of each branch's README.md, where the push changes it. */
async function checkCards(push: Push, objects: CatFile): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { ref, before, after } of push.updates) {
    if (after === undefined || ref.startsWith("refs/tags/")) continue;
    const card = await objects.info(`${after}:README.md`);
    const old = before === undefined ? undefined : await objects.info(`${before}:README.md`);
    if (card?.type !== "blob" || card.size > MAX_CARD_BYTES || old?.oid === card.oid) continue;
    const text = (await objects.contents(card.oid))?.data.toString("utf8") ?? "";
    const { errors } = validateCard(text, push.repo.summary.type);
    if (errors.length === 0) continue;
    lines.push(
      "Your push was rejected because README.md has invalid metadata:",
      ...errors.map(({ message }) => `  - ${message}`),
    );
  }
  return lines;
}

function named(items: readonly string[]): readonly string[] {
  const lines = items.slice(0, MAX_NAMED).map((item) => `  - ${item}`);
  return items.length > MAX_NAMED ? [...lines, `  and ${items.length - MAX_NAMED} more`] : lines;
}
