export { DataFolderError, parsePublicUrl } from "./config.ts";
export type { HubContext } from "./http/context.ts";
export { HubError, type HubErrorCode } from "./http/hub-error.ts";
export type { Listening, ListenOptions } from "./http/listen.ts";
export {
  createFirstAdministrator,
  type FirstAdministrator,
  type OpenHub,
  type OpenHubOptions,
  openHub,
} from "./open-hub.ts";
export {
  createHubServer,
  type HubServer,
  type HubServerOptions,
} from "./server.ts";
export type {
  AccessToken,
  Account,
  AccountService,
  Facets,
  InferenceService,
  OpenRepo,
  RepoPage,
  RepoQuery,
  RepoSummary,
  RepositoryService,
  SearchService,
  Services,
  Viewer,
} from "./services/services.ts";
