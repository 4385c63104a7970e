/** The last commit that touched an entry; given with `expand`. */
export interface LastCommitJson {
  readonly id: string;
  readonly title: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly date: string;
}

export interface LfsJson {
  /** sha256 of the content. */
  readonly oid: string;
  readonly size: number;
  readonly pointerSize: number;
}

/** An item of `tree` and `paths-info` replies. */
export type TreeEntryJson =
  | {
      readonly type: "file";
      /** Git blob id; for an LFS file that of its pointer. */
      readonly oid: string;
      /** Size of the content in bytes. */
      readonly size: number;
      /** From the root of the repository, no leading slash. */
      readonly path: string;
      readonly lfs?: LfsJson;
      readonly xetHash?: string;
      readonly lastCommit?: LastCommitJson;
    }
  | {
      readonly type: "directory";
      readonly oid: string;
      readonly size: 0;
      readonly path: string;
      readonly lastCommit?: LastCommitJson;
    };

/** Most paths that one `paths-info` request may name. */
export const MAX_PATHS_INFO = 1000;
/** Items of one `tree` page, without and with `expand`. */
export const TREE_PAGE_SIZE = 1000;
export const TREE_PAGE_SIZE_EXPANDED = 50;

export interface TreeSizeJson {
  readonly path: string;
  readonly size: number;
}
