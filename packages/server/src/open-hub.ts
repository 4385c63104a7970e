import { dataFolder, loadSecret, parsePublicUrl } from "./config.ts";
import type { HubContext } from "./http/context.ts";
import { createInferenceService } from "./inference/inference-service.ts";
import { createAccountService } from "./services/accounts.ts";
import { createContentService } from "./services/content.ts";
import { createDownloadCounter } from "./services/download-counter.ts";
import type { Reindexer } from "./services/reindexer.ts";
import { createRepositoryService } from "./services/repositories.ts";
import { createSearchService } from "./services/search.ts";
import { randomText } from "./services/secrets.ts";
import type { Account } from "./services/services.ts";
import { createFolderBlobStore } from "./store/blobs/folder.ts";
import { type Database, openDatabase } from "./store/database.ts";
import { createRepositoryStore } from "./store/repositories/git-store.ts";

export interface OpenHubOptions {
  /** The folder that holds everything; created when it is missing. */
  readonly dataDir: string;
  /** Address under which the server is reached, such as `https://hub.example`. Default: as the client called it. */
  readonly publicUrl?: string | undefined;
  /** The clock. Default: the system's. */
  readonly now?: (() => Date) | undefined;
}

/** A Hub's data folder, opened: everything but listening. Works beside a running server. */
export interface OpenHub extends AsyncDisposable {
  readonly context: HubContext;
  readonly reindexer: Reindexer;
  /** Writes what is pending and lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Opens the data folder in `dataDir`, creating what is missing.
 *
 * @throws {TypeError} when `publicUrl` is no address.
 */
export async function openHub({ dataDir, publicUrl, now }: OpenHubOptions): Promise<OpenHub> {
  const clock = now ?? (() => new Date());
  const address = publicUrl === undefined ? undefined : parsePublicUrl(publicUrl);
  const folder = dataFolder(dataDir);
  const secret = await loadSecret(dataDir);
  const database = await openDatabase(folder.database);
  const blobs = await createFolderBlobStore(folder.blobs);
  const store = await createRepositoryStore(folder.repositories, { now: clock });
  const accounts = createAccountService({ database, now: clock });
  const content = createContentService({ database, blobs });
  const downloads = createDownloadCounter(database);
  const { service: repositories, reindexer } = createRepositoryService({
    database,
    store,
    content,
    accounts,
    downloads,
    now: clock,
  });
  const search = createSearchService({ database, now: clock });
  const inference = createInferenceService({ content, cacheDir: folder.models });
  const context: HubContext = {
    config: { dataDir, publicUrl: address, secret },
    database,
    blobs,
    repositories: store,
    services: { accounts, repositories, search, content, inference },
    now: clock,
  };
  const close = async (): Promise<void> => {
    await inference.close();
    await downloads.close();
    await store.close();
    await database.destroy();
  };
  return { context, reindexer, close, [Symbol.asyncDispose]: close };
}

export interface FirstAdministrator {
  readonly account: Account;
  /** Shown once: only its hash is kept. */
  readonly password: string;
}

/** Creates an administrator in a Hub that has none yet; `undefined` when it has. */
export async function createFirstAdministrator(
  context: HubContext,
): Promise<FirstAdministrator | undefined> {
  const { accounts } = context.services;
  if (await hasAdministrator(context.database)) return undefined;
  const password = randomText(20);
  for (const name of ["admin", "administrator", `admin-${randomText(6).toLowerCase()}`]) {
    if (await accounts.find(name)) continue;
    try {
      const account = await accounts.create({ name, password, isAdmin: true });
      return { account, password };
    } catch (error) {
      // Another process was first.
      if (await hasAdministrator(context.database)) return undefined;
      throw error;
    }
  }
  return undefined;
}

async function hasAdministrator(database: Database): Promise<boolean> {
  const found = await database
    .selectFrom("accounts")
    .select("id")
    .where("is_admin", "=", 1)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
