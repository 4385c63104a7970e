export interface RefJson {
  readonly name: string;
  /** `refs/heads/main` */
  readonly ref: string;
  readonly targetCommit: string;
}

/** Reply of `GET …/refs`. */
export interface RefsJson {
  readonly branches: readonly RefJson[];
  readonly converts: readonly RefJson[];
  readonly tags: readonly RefJson[];
  readonly pullRequests?: readonly RefJson[];
}

/** An item of `GET …/commits/{rev}`. */
export interface CommitJson {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly date: string;
  readonly authors: readonly { readonly user: string; readonly avatar?: string }[];
  readonly formatted?: { readonly title: string; readonly message: string };
}

/** Body of `POST …/branch/{branch}`. */
export interface CreateBranchJson {
  readonly startingPoint?: string;
  readonly emptyBranch?: boolean;
  readonly overwrite?: boolean;
}

/** Body of `POST …/tag/{rev}`. */
export interface CreateTagJson {
  readonly tag: string;
  readonly message?: string;
}
