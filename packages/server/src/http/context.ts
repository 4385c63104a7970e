import type { Services, Viewer } from "../services/services.ts";
import type { BlobStore } from "../store/blobs/blob-store.ts";
import type { Database } from "../store/database.ts";
import type { RepositoryStore } from "../store/repositories/repository-store.ts";

/** What the server is made of: built once by `createHubServer()`, handed to every group of routes. */
export interface HubContext {
  readonly config: {
    readonly dataDir: string;
    /** Set by `--public-url`; otherwise URLs are built from the request. No trailing slash. */
    readonly publicUrl: string | undefined;
    /** 32 bytes that sign cookies, upload URLs, Xet tokens and data URLs. Kept in the data folder. */
    readonly secret: Uint8Array;
  };
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly repositories: RepositoryStore;
  readonly services: Services;
  /** The only clock: tests set it. */
  readonly now: () => Date;
}

/** Hono's environment: who asks, and under which address this server is reached. */
export interface HubEnv {
  Variables: {
    viewer: Viewer;
    /** `https://host[:port]`, from `publicUrl`, X-Forwarded-* or Host. No trailing slash. */
    publicUrl: string;
  };
}
