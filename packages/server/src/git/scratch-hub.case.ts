/** A Hub in a temporary folder behind a real socket, and the real Git client: for the tests of `git/` and `lfs/`. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { authenticate } from "../http/auth.ts";
import type { HubContext, HubEnv } from "../http/context.ts";
import { errorResponse } from "../http/errors.ts";
import { publicUrl } from "../http/public-url.ts";
import type { LfsOptions } from "../lfs/batch.ts";
import { lfsRoutes } from "../lfs/routes.ts";
import { openHub } from "../open-hub.ts";
import type { Account } from "../services/services.ts";
import type { Repository } from "../store/repositories/repository-store.ts";
import { gitRoutes } from "./routes.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScratchHub extends AsyncDisposable {
  readonly directory: string;
  readonly context: HubContext;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly ada: Account;
  /** Ada's access tokens. */
  readonly token: string;
  readonly readToken: string;
  /** Of Eve, who owns nothing of Ada's. */
  readonly strangerToken: string;
  /** Address with Ada's token in it. */
  remote(id: string, token?: string): string;
  createRepo(name: string, options?: { readonly private?: boolean }): Promise<Repository>;
  /** Runs git in a folder below `directory`; fails when git does. */
  git(folder: string, ...args: string[]): Promise<Ran>;
  tryGit(folder: string, ...args: string[]): Promise<Ran>;
}

export async function createScratchHub(options: LfsOptions = {}): Promise<ScratchHub> {
  const directory = await mkdtemp(join(tmpdir(), "hub-"));
  const hub = await openHub({ dataDir: join(directory, "data") });
  const { context } = hub;
  const { accounts, repositories } = context.services;
  const ada = await accounts.create({ name: "ada", password: "correct horse" });
  const eve = await accounts.create({ name: "eve", password: "battery staple" });
  const tokenOf = async (account: Account, role: "read" | "write") =>
    (await accounts.createToken({ ...account, access: "write" }, { displayName: role, role }))
      .token;
  const token = await tokenOf(ada, "write");
  const { server, url } = await listen(context, options);
  const tryGit = (folder: string, ...args: string[]) => runGit(join(directory, folder), args);
  return {
    directory,
    context,
    url,
    ada,
    token,
    readToken: await tokenOf(ada, "read"),
    strangerToken: await tokenOf(eve, "write"),
    remote: (id, secret = token) => `${url.replace("://", `://user:${secret}@`)}/${id}`,
    async createRepo(name, { private: isPrivate = false } = {}) {
      const viewer = { ...ada, access: "write" } as const;
      const repo = { type: "model", name, private: isPrivate } as const;
      const { recordId } = await repositories.create(viewer, repo);
      return context.repositories.open(recordId);
    },
    tryGit,
    async git(folder, ...args) {
      const ran = await tryGit(folder, ...args);
      if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr}`);
      return ran;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await hub.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function listen(context: HubContext, options: LfsOptions) {
  const app = new Hono<HubEnv>();
  app.onError((error, c) => errorResponse(error, c));
  app.use(publicUrl(undefined), authenticate(context));
  app.route("/", gitRoutes(context));
  app.route("/", lfsRoutes(context, options));
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // as: a TCP server that listens has this kind of address.
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** The user's Git as it comes: no configuration of this machine, but a name. */
function runGit(cwd: string, args: readonly string[]): Promise<Ran> {
  const child = spawn("git", args, {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.org",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.org",
      LC_ALL: "C",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}
