import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHubServer, type HubServer } from "./server.ts";
import type { Account } from "./services/services.ts";

export interface TestUser {
  readonly account: Account;
  readonly token: string;
}

/** A whole Hub in a temporary folder, reached without a socket. */
export interface TestHub extends AsyncDisposable {
  readonly server: HubServer;
  readonly dataDir: string;
  user(name: string, options?: { role?: "read" | "write"; isAdmin?: boolean }): Promise<TestUser>;
  /** `send("GET /api/whoami-v2", { token })`; an object as `body` goes as JSON. */
  send(line: string, options?: SendOptions): Promise<Response>;
  /** One commit of text files; gives its id. */
  commit(repo: string, token: string, files: Readonly<Record<string, string>>): Promise<string>;
  /** Closes the server and opens it again on the same folder. */
  restart(): Promise<void>;
}

export interface SendOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const TEST_HOST = "http://hub.test";

export async function openTestHub(): Promise<TestHub> {
  const dataDir = await mkdtemp(join(tmpdir(), "bearhug-hub-"));
  let server = await createHubServer({ dataDir });
  const send: TestHub["send"] = (line, options = {}) => {
    const [method = "GET", path = "/"] = line.split(" ");
    return server.fetch(toRequest(method, path, options));
  };
  return {
    get server() {
      return server;
    },
    dataDir,
    send,
    async user(name, { role = "write", isAdmin = false } = {}) {
      const { accounts } = server.context.services;
      const found = await accounts.find(name);
      const account = found ?? (await accounts.create({ name, password: "pass word", isAdmin }));
      const { token } = await accounts.createToken(account, { displayName: "test", role });
      return { account, token };
    },
    async commit(repo, token, files) {
      const lines = [
        { key: "header", value: { summary: "Add files" } },
        ...Object.entries(files).map(([path, content]) => ({
          key: "file",
          value: { path, content, encoding: "utf-8" },
        })),
      ];
      const body = lines.map((line) => JSON.stringify(line)).join("\n");
      const reply = await send(`POST /api/${repo}/commit/main`, { token, body });
      const result = (await reply.json()) as { commitOid: string };
      if (reply.status !== 200) throw new Error(`${reply.status} ${JSON.stringify(result)}`);
      return result.commitOid;
    },
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await createHubServer({ dataDir });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function toRequest(method: string, path: string, options: SendOptions): Request {
  const { token, body, headers } = options;
  const isJson = typeof body === "object" && body !== null && !(body instanceof Uint8Array);
  return new Request(`${TEST_HOST}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(isJson && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: isJson ? JSON.stringify(body) : (body as BodyInit) }),
  });
}
