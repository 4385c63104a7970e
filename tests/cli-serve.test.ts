import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "../packages/cli/src/main.ts";
import { Output } from "../packages/cli/src/output.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-serve-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Starts the command and waits for its ready line. */
async function serve(): Promise<{ url: string; err: () => string; end: () => Promise<number> }> {
  const stop = new AbortController();
  let err = "";
  let onReady: (line: string) => void = () => {};
  const ready = new Promise<string>((resolve) => {
    onReady = resolve;
  });
  const output = new Output({ write: (text) => onReady(text) }, { write: (text) => (err += text) });
  const running = main(["serve", "--data", folder, "--port", "0"], { output, signal: stop.signal });
  const line = await Promise.race([ready, running.then((code) => `exited ${code}: ${err}`)]);
  const url = /^Bearhug is ready at (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)?.[1];
  if (!url) throw new Error(line);
  const end = (): Promise<number> => {
    stop.abort();
    return running;
  };
  return { url, err: () => err, end };
}

test("serve creates an administrator once, who can sign in, and ends when it is told to", async () => {
  const first = await serve();
  const said = /Sign in at (\S+) with the password (\S+)\n/.exec(first.err());
  expect(said?.[1]).toBe(`${first.url}/login`);
  const page = await (await fetch(`${first.url}/login`)).text();
  const body = new URLSearchParams({
    form_token: /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? "",
    name: "admin",
    password: said?.[2] ?? "",
  });
  const headers = { origin: first.url };
  const answer = await fetch(`${first.url}/login`, {
    method: "POST",
    body,
    headers,
    redirect: "manual",
  });
  expect(answer.status).toBe(303);
  expect(answer.headers.get("set-cookie")).toBeTruthy();
  expect(await first.end()).toBe(0);
  await expect(fetch(first.url)).rejects.toThrow();

  const second = await serve();
  expect(second.err()).not.toContain("password");
  expect((await fetch(`${second.url}/api/models`)).status).toBe(200);
  expect(await second.end()).toBe(0);
});

test("the first signal closes the server gracefully, and nothing listens for signals afterwards", async () => {
  const before = process.listeners("SIGTERM");
  const added = () => process.listeners("SIGTERM").filter((one) => !before.includes(one));
  let onReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  let err = "";
  const output = new Output({ write: () => onReady() }, { write: (text) => (err += text) });
  const running = main(["serve", "--data", folder, "--port", "0"], { output });
  await ready;
  expect(added()).toHaveLength(1);
  added()[0]?.("SIGTERM");
  expect(await running).toBe(0);
  expect(err).toContain("Closing");
  expect(added()).toEqual([]);
});
