import type { RunOptions } from "@bearhug/core";
import type { CachedRepo, PrunedCache } from "./cache/scan.ts";
import { type Connection, type ConnectionOptions, createConnection } from "./connection.ts";
import { eventStream } from "./event-stream.ts";
import {
  type CreateBranchOptions,
  createBranch,
  type DeleteRefOptions,
  deleteBranch,
} from "./operations/branches.ts";
import { listCache, prune } from "./operations/cache.ts";
import { type Commit, type CommitInfo, commit, type UploadEvent } from "./operations/commit.ts";
import { type CreatedRepo, type CreateRepoOptions, createRepo } from "./operations/create-repo.ts";
import { type DeleteRepoOptions, deleteRepo } from "./operations/delete-repo.ts";
import { type DownloadFileOptions, downloadFile } from "./operations/download-file.ts";
import { type DownloadToCacheOptions, downloadToCache } from "./operations/download-to-cache.ts";
import { fileExists } from "./operations/file-exists.ts";
import {
  type ListCommitsOptions,
  listCommits,
  type RepoCommit,
} from "./operations/list-commits.ts";
import {
  type ListFilesOptions,
  listFiles,
  type PathsInfoOptions,
  pathsInfo,
  type RepoEntry,
} from "./operations/list-files.ts";
import { type ListRefsOptions, listRefs, type RepoRefs } from "./operations/list-refs.ts";
import { type ListReposOptions, listRepos } from "./operations/list-repos.ts";
import { type MoveRepoOptions, moveRepo } from "./operations/move-repo.ts";
import { repoExists } from "./operations/repo-exists.ts";
import { type RepoInfo, type RepoInfoOptions, repoInfo } from "./operations/repo-info.ts";
import { type SnapshotOptions, snapshot } from "./operations/snapshot.ts";
import { type CreateTagOptions, createTag, deleteTag } from "./operations/tags.ts";
import { type RepoSettings, updateRepoSettings } from "./operations/update-repo-settings.ts";
import {
  type FolderSource,
  type UploadFolder,
  type UploadFolderOptions,
  uploadFolder,
} from "./operations/upload-folder.ts";
import { type Identity, whoAmI } from "./operations/who-am-i.ts";
import { parseRepoId, type RepoId, type RepoType } from "./repo-id.ts";

export type HubClientOptions = ConnectionOptions;

export interface SignalOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A Hub: ours, or huggingface.co, which speaks the same protocol.
 *
 * @example
 * const hub = new HubClient({ endpoint: "http://localhost:8080" });
 * const config = await hub.downloadFile("ada/tiny-bert", "config.json"); // Blob
 */
export class HubClient {
  readonly #connection: Connection;

  /** Without options: what the environment says, as Python's huggingface_hub reads it. */
  constructor(options: HubClientOptions = {}) {
    this.#connection = createConnection(options);
  }

  /** Address of the Hub, without a trailing slash. */
  get endpoint(): string {
    return this.#connection.endpoint;
  }

  /** Folder of downloaded files, shared with Python; `undefined` in browsers. */
  get cacheDir(): string | undefined {
    return this.#connection.cacheDir;
  }

  /** Whether the client never touches the network. */
  get offline(): boolean {
    return this.#connection.offline;
  }

  whoAmI(options?: SignalOptions): Promise<Identity> {
    return whoAmI(this.#connection, options);
  }

  listModels(options?: ListReposOptions): AsyncIterable<RepoInfo> {
    return listRepos(this.#connection, "model", options);
  }

  listDatasets(options?: ListReposOptions): AsyncIterable<RepoInfo> {
    return listRepos(this.#connection, "dataset", options);
  }

  repoInfo(repo: RepoId, options?: RepoInfoOptions): Promise<RepoInfo> {
    return repoInfo(this.#connection, repo, options);
  }

  modelInfo(repo: RepoId, options?: RepoInfoOptions): Promise<RepoInfo> {
    return repoInfo(this.#connection, ofType(repo, "model"), options);
  }

  /** As `repoInfo`, for `"ada/reviews"` as well as `"datasets/ada/reviews"`. */
  datasetInfo(repo: RepoId, options?: RepoInfoOptions): Promise<RepoInfo> {
    return repoInfo(this.#connection, ofType(repo, "dataset"), options);
  }

  repoExists(repo: RepoId, options?: SignalOptions): Promise<boolean> {
    return repoExists(this.#connection, repo, options);
  }

  createRepo(repo: RepoId, options?: CreateRepoOptions): Promise<CreatedRepo> {
    return createRepo(this.#connection, repo, options);
  }

  deleteRepo(repo: RepoId, options?: DeleteRepoOptions): Promise<void> {
    return deleteRepo(this.#connection, repo, options);
  }

  moveRepo(repo: RepoId, options: MoveRepoOptions): Promise<void> {
    return moveRepo(this.#connection, repo, options);
  }

  updateRepoSettings(repo: RepoId, settings: RepoSettings): Promise<void> {
    return updateRepoSettings(this.#connection, repo, settings);
  }

  listFiles(repo: RepoId, options?: ListFilesOptions): AsyncIterable<RepoEntry> {
    return listFiles(this.#connection, repo, options);
  }

  pathsInfo(
    repo: RepoId,
    paths: readonly string[],
    options?: PathsInfoOptions,
  ): Promise<readonly RepoEntry[]> {
    return pathsInfo(this.#connection, { id: repo, paths }, options);
  }

  fileExists(repo: RepoId, path: string, options?: SignalOptions): Promise<boolean> {
    return fileExists(this.#connection, { id: repo, path }, options);
  }

  listRefs(repo: RepoId, options?: ListRefsOptions): Promise<RepoRefs> {
    return listRefs(this.#connection, repo, options);
  }

  listCommits(repo: RepoId, options?: ListCommitsOptions): AsyncIterable<RepoCommit> {
    return listCommits(this.#connection, repo, options);
  }

  createBranch(repo: RepoId, branch: string, options?: CreateBranchOptions): Promise<void> {
    return createBranch(this.#connection, { id: repo, branch }, options);
  }

  deleteBranch(repo: RepoId, branch: string, options?: DeleteRefOptions): Promise<void> {
    return deleteBranch(this.#connection, { id: repo, branch }, options);
  }

  /** Tags the revision in the id, or the head of `main`. */
  createTag(repo: RepoId, tag: string, options?: CreateTagOptions): Promise<void> {
    return createTag(this.#connection, { id: repo, tag }, options);
  }

  deleteTag(repo: RepoId, tag: string, options?: DeleteRefOptions): Promise<void> {
    return deleteTag(this.#connection, { id: repo, tag }, options);
  }

  /** One commit of puts, deletions and copies; see {@link Commit}. */
  commit(repo: RepoId, wanted: Commit, options?: RunOptions): Promise<CommitInfo> {
    return commit(this.#connection, { id: repo, commit: wanted }, options);
  }

  /** As `commit`, yielding what happens; leaving the loop aborts. */
  commitIter(
    repo: RepoId,
    wanted: Commit,
    { signal }: SignalOptions = {},
  ): AsyncGenerator<UploadEvent, CommitInfo> {
    return eventStream(
      (onProgress, signal) =>
        commit(this.#connection, { id: repo, commit: wanted }, { signal, onProgress }),
      signal,
    );
  }

  uploadFolder(
    repo: RepoId,
    source: FolderSource,
    options?: UploadFolderOptions,
  ): Promise<CommitInfo> {
    return uploadFolder(this.#connection, { id: repo, source }, options);
  }

  /** As `uploadFolder`, yielding what happens; leaving the loop aborts. */
  uploadFolderIter(
    repo: RepoId,
    source: FolderSource,
    { signal, ...wanted }: UploadFolder & SignalOptions = {},
  ): AsyncGenerator<UploadEvent, CommitInfo> {
    return eventStream(
      (onProgress, signal) =>
        uploadFolder(this.#connection, { id: repo, source }, { ...wanted, signal, onProgress }),
      signal,
    );
  }

  /** A file's content in memory. */
  downloadFile(repo: RepoId, path: string, options?: DownloadFileOptions): Promise<Blob> {
    return downloadFile(this.#connection, { id: repo, path }, options);
  }

  /** Path of a file in the cache; downloads it when it is not there. Not in browsers. */
  downloadToCache(repo: RepoId, path: string, options?: DownloadToCacheOptions): Promise<string> {
    return downloadToCache(this.#connection, { id: repo, path }, options);
  }

  /** Folder in the cache that holds a revision's files under their names. Not in browsers. */
  snapshot(repo: RepoId, options?: SnapshotOptions): Promise<string> {
    return snapshot(this.#connection, repo, options);
  }

  /** What the cache holds. Not in browsers. */
  listCache(): Promise<readonly CachedRepo[]> {
    return listCache(this.#connection);
  }

  /** Takes out of the cache what no branch or tag points to any more. Not in browsers. */
  pruneCache(): Promise<PrunedCache> {
    return prune(this.#connection);
  }
}

function ofType(id: RepoId, type: RepoType): RepoId {
  return { ...parseRepoId(id), type };
}
