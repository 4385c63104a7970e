export type { RepoType } from "../repo-id.ts";
export {
  type CommitLine,
  type CommitLineJson,
  type CommitResultJson,
  type PreuploadRequest,
  type PreuploadRequestJson,
  type PreuploadResultJson,
  parseCommitLine,
  parsePreupload,
} from "./commit.ts";
export type { UserOverviewJson, WhoAmIJson, WhoAmIOrgJson } from "./identity.ts";
export type { CommitJson, CreateBranchJson, CreateTagJson, RefJson, RefsJson } from "./refs.ts";
export {
  DATASET_EXPAND,
  type GatedJson,
  MODEL_EXPAND,
  type RepoInfoJson,
  type SafetensorsInfoJson,
  type SiblingJson,
  SPACE_EXPAND,
  type TransformersInfoJson,
} from "./repo-info.ts";
export { apiSegment, pagePrefix, REPO_TYPES, repoTypeOfSegment } from "./repo-paths.ts";
export {
  type CreatedRepoJson,
  type CreateRepoJson,
  type CreateRepoRequest,
  type DeleteRepoJson,
  type MoveRepoJson,
  parseCreateRepo,
  parseDeleteRepo,
  parseMoveRepo,
  parseRepoSettings,
  type RepoReference,
  type RepoSettingsJson,
} from "./repo-requests.ts";
export {
  type LastCommitJson,
  type LfsJson,
  MAX_PATHS_INFO,
  TREE_PAGE_SIZE,
  TREE_PAGE_SIZE_EXPANDED,
  type TreeEntryJson,
  type TreeSizeJson,
} from "./tree.ts";
export type { ErrorJson, TagJson, ValidateYamlJson } from "./validation.ts";
