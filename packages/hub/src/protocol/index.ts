export type { RepoType } from "../repo-id.ts";
