// A repository that bad input must not change, on a server that must live through it.
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { noise } from "./bytes.ts";
import { call, commitFiles, createRepo, request } from "./http.ts";
import { startHub, type TestHub } from "./hub-server.ts";

export interface Target {
  /** There while tests run. */
  readonly hub: TestHub;
  readonly repo: string;
  /** Sends a request that has to be refused: below 500, without the server's insides. */
  refused(line: string, body?: Parameters<typeof request>[2]): Promise<Response>;
}

/** Starts a server for the file's tests; after each nothing may have been committed. */
export function useTarget(name: string): Target {
  const repo = "ada/target";
  let running: { readonly hub: TestHub; readonly head: string } | undefined;
  const current = () => {
    if (!running) throw new Error("The server runs while tests run");
    return running;
  };
  beforeAll(async () => {
    const hub = await startHub(name);
    await createRepo(hub, "target");
    const files = { "a.txt": "alpha", "w.bin": noise(1, 100_000) };
    running = { hub, head: await commitFiles(hub, repo, files) };
  });
  afterAll(() => running?.hub[Symbol.asyncDispose]());
  afterEach(async () => {
    const { hub, head } = current();
    const info = await (await call(hub, `GET /api/models/${repo}`)).json();
    expect(info.sha, "nothing was committed").toBe(head);
  });
  return {
    repo,
    get hub() {
      return current().hub;
    },
    async refused(line, body) {
      const reply = await request(current().hub, line, body);
      const text = await reply.clone().text();
      expect(reply.status, `${line} answered ${text.slice(0, 300)}`).toBeGreaterThanOrEqual(400);
      expect(reply.status, `${line} answered ${text.slice(0, 300)}`).toBeLessThan(500);
      expect(text, "no stack trace").not.toMatch(/\n\s+at .+:\d+:\d+/);
      return reply;
    },
  };
}
