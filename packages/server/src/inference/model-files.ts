/** Which files of a repository a model needs, and where they lie on disk so that a process can map them. */
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HubError } from "../http/hub-error.ts";
import type { ContentService, OpenRepo } from "../services/services.ts";
import type { TreeEntry } from "../store/repositories/repository-store.ts";

export interface ModelCacheOptions {
  /** Folder of the cache: everything in it can be made again. */
  readonly directory: string;
  /** Least recently used models go when there is more, in bytes. */
  readonly maxBytes: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** A model's files as a folder. */
export interface ModelFolder {
  readonly directory: string;
  /** Bytes of its weights. */
  readonly weightBytes: number;
}

export interface ModelCache {
  /**
   * The files of one commit as a folder; written once, then shared.
   *
   * @throws {HubError} 422 when there are no weights, or a file is too large.
   */
  materialize(repo: OpenRepo, commit: string): Promise<ModelFolder>;
}

type FileEntry = Extract<TreeEntry, { type: "file" }>;

const SMALL_FILES: ReadonlySet<string> = new Set([
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
  "modules.json",
  "sentence_bert_config.json",
  "config_sentence_transformers.json",
  "model.safetensors.index.json",
]);

/** `1_Pooling/config.json`: the settings of a module of sentence-transformers. */
const MODULE_CONFIG = /^\d+_[A-Za-z]+\/config\.json$/;
const WEIGHTS = /^model(-\d{5}-of-\d{5})?\.safetensors$/;
const MAX_SMALL_BYTES = 64 * 1024 * 1024;

/**
 * Layout: `blobs/<oid>` holds each content once; `models/<repository>-<commit>/` has hard links to them, so that a
 * folder is whole from the moment it appears, and content that no folder links to any more can be told by its count.
 */
export function createModelCache(
  content: ContentService,
  { directory, maxBytes, signal }: ModelCacheOptions,
): ModelCache {
  const working = new Map<string, Promise<ModelFolder>>();
  const place: Place = { blobs: join(directory, "blobs"), models: join(directory, "models") };
  return {
    materialize(repo, commit) {
      const key = `${repo.summary.recordId}-${commit}`;
      const started = working.get(key);
      if (started) return started;
      const work = materialize({ content, place, repo, commit }, { key, maxBytes, signal });
      working.set(key, work);
      return work.finally(() => working.delete(key));
    },
  };
}

interface Place {
  readonly blobs: string;
  readonly models: string;
}

interface Source {
  readonly content: ContentService;
  readonly place: Place;
  readonly repo: OpenRepo;
  readonly commit: string;
}

async function materialize(
  source: Source,
  options: {
    readonly key: string;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
  },
): Promise<ModelFolder> {
  const { place, repo, commit } = source;
  const { key, maxBytes, signal } = options;
  const files = await neededFiles(repo, commit);
  const weightBytes = sumSizes(files.filter(({ path }) => WEIGHTS.test(path)));
  checkFiles(files, weightBytes, maxBytes);
  const directory = join(place.models, key);
  const folder: ModelFolder = { directory, weightBytes };
  if (await isPresent(directory)) {
    const now = new Date();
    await utimes(directory, now, now);
    return folder;
  }
  await mkdir(place.blobs, { recursive: true });
  const temporary = join(place.models, `.${key}.${randomBytes(6).toString("hex")}`);
  try {
    for (const file of files) {
      const target = join(temporary, file.path);
      await mkdir(dirname(target), { recursive: true });
      await placeFile(source, file, { target, signal });
    }
    await rename(temporary, directory).catch(async (error: unknown) => {
      // Another process may have been first.
      if (!(await isPresent(directory))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  await evict(place, { keep: key, maxBytes });
  return folder;
}

async function neededFiles(repo: OpenRepo, commit: string): Promise<readonly FileEntry[]> {
  const entries = (await repo.git.listTree(commit, "", { recursive: true })) ?? [];
  return entries.filter(
    (entry): entry is FileEntry =>
      entry.type === "file" &&
      (SMALL_FILES.has(entry.path) || MODULE_CONFIG.test(entry.path) || WEIGHTS.test(entry.path)),
  );
}

function checkFiles(files: readonly FileEntry[], weightBytes: number, maxBytes: number): void {
  const refuse = (message: string) => new HubError(422, "UnprocessableContent", { message });
  if (!files.some(({ path }) => path === "config.json")) {
    throw refuse(
      "The repository has no config.json, so it is not a model that this server can run",
    );
  }
  if (weightBytes === 0) {
    throw refuse("The repository has no model.safetensors, so this server cannot run it");
  }
  const large = files.find(({ path, size }) => !WEIGHTS.test(path) && size > MAX_SMALL_BYTES);
  if (large) throw refuse(`"${large.path}" is larger than ${MAX_SMALL_BYTES} bytes`);
  if (sumSizes(files) > maxBytes) {
    throw refuse(`The model is larger than the ${maxBytes} bytes that this server keeps of models`);
  }
}

/**
 * The file's content at `target`: a link to the content that is there already, or written and then kept for others.
 * It is never among the blobs with one name only, so that clearing up cannot take it.
 */
async function placeFile(
  { content, place, repo }: Source,
  file: FileEntry,
  { target, signal }: { readonly target: string; readonly signal: AbortSignal },
): Promise<void> {
  const blob = join(place.blobs, file.lfs?.oid ?? file.oid);
  if (await tryLink(blob, target)) return;
  await writeFile(target, content.stream(repo, file), { file, signal });
  await tryLink(target, blob);
}

/** False when `from` is missing or `to` is there already. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "EEXIST") return false;
    throw error;
  }
}

async function writeFile(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { file, signal }: { readonly file: FileEntry; readonly signal: AbortSignal },
): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  let written = 0;
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await handle.write(chunk);
      hash.update(chunk);
      written += chunk.length;
    }
  } finally {
    await handle.close();
  }
  const digest = hash.digest("hex");
  if (written !== file.size || (file.lfs && digest !== file.lfs.oid)) {
    throw new HubError(500, "Unavailable", {
      message: `Cannot read "${file.path}" from storage: its content is not what its hash says`,
    });
  }
}

/** Drops the models that were not used for longest until the rest fits; `keep` stays. */
async function evict(
  { models, blobs }: Place,
  { keep, maxBytes }: { readonly keep: string; readonly maxBytes: number },
): Promise<void> {
  const names = (await readdir(models)).filter((name) => !name.startsWith("."));
  const folders = await Promise.all(
    names.map(async (name) => ({ name, usedAt: (await stat(join(models, name))).mtimeMs })),
  );
  folders.sort((a, b) => a.usedAt - b.usedAt);
  let total = await dropUnlinked(blobs);
  for (const { name } of folders) {
    if (total <= maxBytes) return;
    if (name === keep) continue;
    // A process that has the files mapped keeps them: only the names go.
    await rm(join(models, name), { recursive: true, force: true });
    total = await dropUnlinked(blobs);
  }
}

/** Removes content that no model links to; gives the bytes of the rest. */
async function dropUnlinked(blobs: string): Promise<number> {
  let total = 0;
  for (const name of await readdir(blobs)) {
    const path = join(blobs, name);
    const { nlink, size } = await stat(path);
    if (nlink === 1) await rm(path, { force: true });
    else total += size;
  }
  return total;
}

function sumSizes(files: readonly FileEntry[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

async function isPresent(path: string): Promise<boolean> {
  return (await sizeOf(path)) !== undefined;
}
