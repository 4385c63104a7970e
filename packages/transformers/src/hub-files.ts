import { readdir } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import {
  EntryNotFoundError,
  HubClient,
  HubConnectionError,
  LocalEntryNotFoundError,
  OfflineError,
  parseRepoId,
  type RepoReference,
} from "@bearhug/hub";
import type { PretrainedFiles } from "./pretrained-files.ts";
import type { PretrainedOptions } from "./pretrained-options.ts";

/** The files of a repository on the Hub, or of what the cache has of it. */
export function hubFiles(id: string, options: PretrainedOptions): PretrainedFiles {
  return new HubFiles(id, options);
}

class HubFiles implements PretrainedFiles {
  readonly id: string;
  readonly #options: PretrainedOptions;
  readonly #hub: HubClient;
  readonly #subfolder: string;
  readonly #named: RepoReference;
  #commit: string | undefined;
  /** The last request of those that have to wait for each other: until one has told the commit. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: string, options: PretrainedOptions) {
    const { revision, subfolder = "", hub = new HubClient() } = options;
    const named = parseRepoId(id);
    this.id = id;
    this.#options = options;
    this.#hub = hub;
    this.#subfolder = subfolder;
    this.#named = { ...named, revision: revision ?? named.revision };
    if (COMMIT.test(this.#named.revision ?? "")) this.#commit = this.#named.revision;
  }

  get commit(): string | undefined {
    return this.#commit;
  }

  require(name: string): Promise<string> {
    if (this.#commit !== undefined) return this.#download(name);
    const mine = this.#turn.then(() => this.#download(name));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async find(name: string): Promise<string | undefined> {
    try {
      return await this.require(name);
    } catch (error) {
      // Without the network nobody can tell whether an optional file exists: it does not, then.
      const absent =
        error instanceof EntryNotFoundError || error instanceof LocalEntryNotFoundError;
      if (absent) return undefined;
      throw error;
    }
  }

  async list(folder: string): Promise<readonly string[]> {
    if (this.#options.localFilesOnly) return this.#listCached(folder);
    try {
      return await this.#listOnHub(folder);
    } catch (error) {
      if (error instanceof EntryNotFoundError) return [];
      const isCut = error instanceof HubConnectionError || error instanceof OfflineError;
      if (isCut) return this.#listCached(folder);
      throw error;
    }
  }

  /** The repository at the commit, once that is known: a branch may move between two files. */
  get #repo(): RepoReference {
    return { ...this.#named, revision: this.#commit ?? this.#named.revision };
  }

  async #download(name: string): Promise<string> {
    const { localFilesOnly, signal, onProgress } = this.#options;
    const wanted = posix.join(this.#subfolder, name);
    try {
      const options = { localFilesOnly, signal, onProgress };
      const path = await this.#hub.downloadToCache(this.#repo, wanted, options);
      this.#commit ??= SNAPSHOT.exec(path)?.groups?.["commit"];
      return path;
    } catch (error) {
      const commit = error instanceof EntryNotFoundError ? error.request?.commit : undefined;
      if (commit !== undefined && COMMIT.test(commit)) this.#commit ??= commit;
      throw error;
    }
  }

  async #listOnHub(folder: string): Promise<readonly string[]> {
    const path = posix.join(this.#subfolder, folder).replace(/^\.$/u, "");
    const { signal } = this.#options;
    const names: string[] = [];
    for await (const entry of this.#hub.listFiles(this.#repo, { path, signal })) {
      if (entry.type === "file") names.push(posix.basename(entry.path));
    }
    return names;
  }

  /** What the cache has of a folder: it lies beside the files that were downloaded before. */
  async #listCached(folder: string): Promise<readonly string[]> {
    const file = await this.find("tokenizer_config.json");
    if (file === undefined) return [];
    return readdir(join(dirname(file), folder)).catch(() => []);
  }
}

const COMMIT = /^[0-9a-f]{40}$/;
/** The cache keeps each commit's files in a folder of their own. */
const SNAPSHOT = /^.*[/\\]snapshots[/\\](?<commit>[0-9a-f]{40})[/\\]/;
