/** The kinds of repository that a Hub keeps. */
export type RepoType = "model" | "dataset" | "space";
