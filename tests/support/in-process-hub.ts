import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HubClient, type HubClientOptions } from "@bearhug/hub";
import { createHubServer, type HubServer } from "@bearhug/server";

/** The real server and the real client, joined without a socket. */
export interface InProcessHub extends AsyncDisposable {
  readonly server: HubServer;
  readonly folder: string;
  readonly cacheDir: string;
  /** Write access as ada. */
  readonly token: string;
  /** A client as ada, unless told otherwise. */
  client(options?: HubClientOptions): HubClient;
}

export async function startInProcessHub(): Promise<InProcessHub> {
  const folder = await mkdtemp(join(tmpdir(), "bearhug-test-"));
  const server = await createHubServer({ dataDir: join(folder, "data") });
  const { accounts } = server.context.services;
  const ada = await accounts.create({ name: "ada", password: "correct horse battery" });
  const { token } = await accounts.createToken(ada, { displayName: "test", role: "write" });
  const cacheDir = join(folder, "cache");
  return {
    server,
    folder,
    cacheDir,
    token,
    client: (options = {}) =>
      new HubClient({
        endpoint: "http://hub.test",
        fetch: (input, init) => server.fetch(new Request(input, init)),
        token,
        cacheDir,
        retryDelayMs: 5,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
