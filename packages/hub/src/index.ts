export type { CachedRepo, CachedRevision, PrunedCache } from "./cache/scan.ts";
export { HubClient, type HubClientOptions, type SignalOptions } from "./client.ts";
export {
  AuthenticationError,
  ConflictError,
  EndlessListingError,
  EntryNotFoundError,
  type FailedRequest,
  GatedRepoError,
  HubApiError,
  HubConnectionError,
  IntegrityError,
  InvalidRepoIdError,
  LocalEntryNotFoundError,
  OfflineError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
  UnsupportedPlatformError,
} from "./errors.ts";
export type { CreateBranchOptions, DeleteRefOptions } from "./operations/branches.ts";
export type {
  Commit,
  CommitInfo,
  CommitOperation,
  Content,
  UploadEvent,
} from "./operations/commit.ts";
export type { CreatedRepo, CreateRepoOptions } from "./operations/create-repo.ts";
export type { DeleteRepoOptions } from "./operations/delete-repo.ts";
export type { DownloadFileOptions } from "./operations/download-file.ts";
export type { DownloadToCacheOptions } from "./operations/download-to-cache.ts";
export type { ListCommitsOptions, RepoCommit } from "./operations/list-commits.ts";
export type { ListFilesOptions, PathsInfoOptions, RepoEntry } from "./operations/list-files.ts";
export type { ListRefsOptions, RepoRef, RepoRefs } from "./operations/list-refs.ts";
export type { ListReposOptions, RepoSortKey } from "./operations/list-repos.ts";
export { type LoginOptions, login, logout } from "./operations/login.ts";
export type { MoveRepoOptions } from "./operations/move-repo.ts";
export type {
  RepoInfo,
  RepoInfoOptions,
  RepoSibling,
  SafetensorsInfo,
} from "./operations/repo-info.ts";
export type { SnapshotOptions } from "./operations/snapshot.ts";
export type { CreateTagOptions } from "./operations/tags.ts";
export type { RepoSettings } from "./operations/update-repo-settings.ts";
export type {
  FolderSource,
  UploadFolder,
  UploadFolderOptions,
} from "./operations/upload-folder.ts";
export type { Identity } from "./operations/who-am-i.ts";
export { type PathFilter, pathMatcher } from "./patterns.ts";
export {
  parseRepoId,
  type Repo,
  type RepoId,
  type RepoReference,
  type RepoType,
} from "./repo-id.ts";
