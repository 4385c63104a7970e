/**
 * What routes and pages may call. A service knows users, permissions and meaning; it knows no HTTP.
 * Every method that reads or writes on somebody's behalf takes the viewer first and throws a `HubError`.
 */
import type { RepoType } from "@bearhug/hub/protocol";
import type { Repository } from "../store/repositories/repository-store.ts";

/** Who asks. `undefined` is a stranger. */
export type Viewer = Account | undefined;

export interface Account {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly fullName: string;
  readonly email: string | undefined;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
  /** What this request may do: a session may everything, a token what its role says. */
  readonly access: "read" | "write";
  /** Set when the request came with an access token. */
  readonly token?: AccessToken;
}

export interface AccessToken {
  readonly id: string;
  readonly displayName: string;
  readonly role: "read" | "write";
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

export interface AccountService {
  create(account: {
    readonly name: string;
    readonly password: string;
    readonly fullName?: string;
    readonly email?: string;
    readonly isAdmin?: boolean;
  }): Promise<Account>;
  find(name: string): Promise<Account | undefined>;
  count(): Promise<number>;
  /** `undefined` when name or password is wrong; takes the same time either way. */
  signIn(
    name: string,
    password: string,
  ): Promise<{ account: Account; session: string } | undefined>;
  bySession(session: string): Promise<Account | undefined>;
  signOut(session: string): Promise<void>;
  byToken(token: string): Promise<Account | undefined>;
  createToken(
    account: Account,
    options: { readonly displayName: string; readonly role: "read" | "write" },
  ): Promise<{ readonly token: string; readonly record: AccessToken }>;
  listTokens(account: Account): Promise<readonly AccessToken[]>;
  revokeToken(account: Account, tokenId: string): Promise<void>;
  setPassword(name: string, password: string): Promise<void>;
}

/** A repository as lists and pages show it: all from the index, no Git access. */
export interface RepoSummary {
  readonly recordId: string;
  readonly type: RepoType;
  /** `owner/name` */
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly gated: false | "auto" | "manual";
  readonly disabled: boolean;
  /** Head of the default branch; `undefined` for one without commits. */
  readonly sha: string | undefined;
  readonly createdAt: Date;
  readonly lastModified: Date;
  readonly likes: number;
  readonly downloads: number;
  readonly tags: readonly string[];
  readonly pipelineTag: string | undefined;
  readonly libraryName: string | undefined;
  readonly license: string | undefined;
  readonly description: string | undefined;
  /** Parsed front matter of README.md. */
  readonly cardData: Readonly<Record<string, unknown>> | undefined;
  /** `config.json`'s model_type, architectures … */
  readonly config: Readonly<Record<string, unknown>> | undefined;
  readonly safetensors:
    | { readonly parameters: Readonly<Record<string, number>>; readonly total: number }
    | undefined;
  /** Sum of the files' sizes at the head, in bytes. */
  readonly usedStorage: number;
}

export type RepoSort =
  | "lastModified"
  | "createdAt"
  | "downloads"
  | "likes"
  | "trendingScore"
  | "id";

export interface RepoQuery {
  readonly type: RepoType;
  readonly search?: string | undefined;
  readonly author?: string | undefined;
  /** Every one must be among the repository's tags. */
  readonly filter?: readonly string[];
  readonly pipelineTag?: string | undefined;
  readonly gated?: boolean | undefined;
  readonly sort?: RepoSort;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

export interface RepoPage {
  readonly repos: readonly RepoSummary[];
  readonly total: number;
  readonly nextCursor: string | undefined;
}

/** A value that a filter offers, with how many of the matching repositories have it. */
export interface Facet {
  readonly id: string;
  readonly label: string;
  readonly count: number;
}

export interface Facets {
  readonly tasks: readonly Facet[];
  readonly libraries: readonly Facet[];
  readonly datasets: readonly Facet[];
  readonly languages: readonly Facet[];
  readonly licenses: readonly Facet[];
  readonly other: readonly Facet[];
}

export interface SearchService {
  list(viewer: Viewer, query: RepoQuery): Promise<RepoPage>;
  /** Counts over what `query` matches (its own cursor, limit and sort do not matter). */
  facets(viewer: Viewer, query: RepoQuery): Promise<Facets>;
}

export interface RepoName {
  readonly type: RepoType;
  readonly id: string;
}

export interface CommitOperationFile {
  readonly type: "put" | "put-lfs" | "delete-file" | "delete-folder";
  readonly path: string;
  /** For `put`. */
  readonly content?: Uint8Array;
  /** For `put-lfs`: sha256 of content that is stored already, and its size where the client told it. */
  readonly oid?: string;
  readonly size?: number | undefined;
}

/** A repository opened for reading: what it is, and its Git side. */
export interface OpenRepo {
  readonly summary: RepoSummary;
  readonly git: Repository;
  readonly canWrite: boolean;
  readonly canAdmin: boolean;
}

export interface RepositoryService {
  /** @throws {HubError} RepoNotFound when there is none or the viewer may not know of it. */
  open(viewer: Viewer, name: RepoName): Promise<OpenRepo>;
  /** As `open`, and the viewer may read the files. @throws {HubError} GatedRepo */
  openForContent(viewer: Viewer, name: RepoName): Promise<OpenRepo>;
  /** As `open`, and the viewer may write. @throws {HubError} 403 */
  openForWriting(viewer: Viewer, name: RepoName): Promise<OpenRepo>;
  /** @throws {HubError} RevisionNotFound */
  revision(repo: OpenRepo, revision: string): Promise<string>;
  create(
    viewer: Viewer,
    repo: {
      readonly type: RepoType;
      readonly owner?: string;
      readonly name: string;
      readonly private?: boolean;
      readonly license?: string;
      /** Further files of the first commit. */
      readonly files?: readonly { readonly path: string; readonly content: Uint8Array }[];
    },
  ): Promise<RepoSummary>;
  delete(viewer: Viewer, name: RepoName): Promise<void>;
  move(viewer: Viewer, from: RepoName, toId: string): Promise<RepoSummary>;
  update(
    viewer: Viewer,
    name: RepoName,
    settings: { readonly private?: boolean; readonly gated?: false | "auto" | "manual" },
  ): Promise<RepoSummary>;
  /** One commit on a branch; validates paths, LFS objects and the card. */
  commit(
    viewer: Viewer,
    name: RepoName,
    commit: {
      readonly revision: string;
      readonly title: string;
      readonly description?: string;
      readonly parentCommit?: string | undefined;
      readonly operations: readonly CommitOperationFile[];
    },
  ): Promise<{ readonly oid: string; readonly changed: boolean }>;
  createBranch(viewer: Viewer, name: RepoName, branch: BranchRequest): Promise<void>;
  deleteBranch(viewer: Viewer, name: RepoName, branch: string): Promise<void>;
  createTag(viewer: Viewer, name: RepoName, tag: TagRequest): Promise<void>;
  deleteTag(viewer: Viewer, name: RepoName, tag: string): Promise<void>;
  /** Replaces a branch's history by one commit with its present tree; gives that commit. */
  squash(
    viewer: Viewer,
    name: RepoName,
    squash: { readonly branch: string; readonly message?: string | undefined },
  ): Promise<string>;
  like(viewer: Viewer, name: RepoName, liked: boolean): Promise<void>;
  /** Brings the index (tags, sha, dates, config) up to the repository's head. Called after every reference update. */
  reindex(recordId: string): Promise<RepoSummary | undefined>;
  countDownload(recordId: string): void;
}

export interface BranchRequest {
  readonly branch: string;
  /** Default: the head of the default branch. */
  readonly startingPoint?: string | undefined;
  /** Starts with an empty tree in place of `startingPoint`. */
  readonly empty?: boolean;
  readonly overwrite?: boolean;
}

export interface TagRequest {
  readonly tag: string;
  readonly revision: string;
  /** Makes an annotated tag. */
  readonly message?: string | undefined;
}

/** Content of files, wherever the bytes are: Git blob, LFS object, or Xet chunks. */
export interface ContentService {
  /** Bytes of a file entry, optionally only [start, end). */
  stream(
    repo: OpenRepo,
    entry: { readonly oid: string; readonly size: number; readonly lfs?: { readonly oid: string } },
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array>;
  /** Whether the content with this sha256 is stored (as an LFS object or through a Xet shard), and its size. */
  statLfs(
    sha256: string,
  ): Promise<{ readonly size: number; readonly xetHash?: string } | undefined>;
  /** Xet file hashes of those among `sha256s` that have one. */
  xetHashes(sha256s: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** Runs models for widgets and the inference API, in worker processes with a memory budget. */
export interface InferenceService {
  /** Tasks that this server can run. */
  readonly tasks: readonly string[];
  /**
   * Runs `task` with the model at one commit.
   *
   * @returns the task's JSON answer as the Hub's inference API gives it.
   * @throws {HubError} 400 bad input · 422 unsupported model · 429 overloaded · 503 loading failed
   */
  run(request: {
    readonly viewer: Viewer;
    readonly repo: OpenRepo;
    readonly commit: string;
    readonly task: string;
    readonly inputs: unknown;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly signal?: AbortSignal;
  }): Promise<unknown>;
  close(): Promise<void>;
}

export interface Services {
  readonly accounts: AccountService;
  readonly repositories: RepositoryService;
  readonly search: SearchService;
  readonly content: ContentService;
  readonly inference: InferenceService;
}
