import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHubServer, type HubServer } from "@bearhug/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { main } from "../packages/cli/src/main.ts";
import { Output } from "../packages/cli/src/output.ts";
import { digest, noise } from "./support/content.ts";

let folder: string;
let server: HubServer;
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-cli-"));
  vi.stubEnv("BEARHUG_DATA", join(folder, "data"));
  vi.stubEnv("HF_HOME", join(folder, "home"));
  vi.stubEnv("HF_TOKEN", "");
  vi.stubEnv("HF_HUB_CACHE", "");
  server = await createHubServer({ dataDir: join(folder, "data") });
  ({ url } = await server.listen({ port: 0 }));
  vi.stubEnv("HF_ENDPOINT", url);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function bearhug(args: readonly string[], secret = ""): Promise<Ran> {
  let [out, err] = ["", ""];
  const output = new Output({ write: (text) => (out += text) }, { write: (text) => (err += text) });
  const signal = new AbortController().signal;
  const code = await main(args, { output, signal, readSecret: async () => secret });
  return { code, out: out.trimEnd(), err: err.trimEnd() };
}

/** What a command prints; it must succeed and say nothing else. */
async function printed(...args: string[]): Promise<string> {
  const { code, out, err } = await bearhug(args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
}

describe.sequential("the command line against a server", () => {
  test("admin makes users and tokens beside the running server", async () => {
    expect(
      await printed("admin", "user", "create", "ada", "--password", "correct horse battery"),
    ).toBe("Created ada");
    expect(await printed("admin", "user", "create", "grace", "--admin")).toMatch(
      /^Created grace with the password \S{20}$/,
    );
    const twice = await bearhug([
      "admin",
      "user",
      "create",
      "ada",
      "--password",
      "correct horse battery",
    ]);
    expect(twice).toMatchObject({ code: 1, out: "" });
    expect(twice.err).toContain('The name "ada" is taken');
    const nobody = await bearhug(["admin", "token", "create", "nobody", "--role", "read"]);
    expect(nobody).toMatchObject({
      code: 1,
      err: 'Error: Cannot create a token for "nobody": there is no such user',
    });
  });

  test("login keeps a token that the Hub knows, in the places where Python looks", async () => {
    expect(await bearhug(["whoami"])).toMatchObject({ code: 1, out: "" });
    expect((await bearhug(["login", "--token", "hf_wrong"])).err).toContain(
      "AUTHENTICATION_FAILED",
    );
    const token = await printed(
      "admin",
      "token",
      "create",
      "ada",
      "--role",
      "write",
      "--name",
      "laptop",
    );
    expect(token).toMatch(/^hf_\w+$/);
    const { code, out } = await bearhug(["login"], token);
    expect({ code, out }).toEqual({ code: 0, out: `Signed in to ${url} as ada` });
    expect(await readFile(join(folder, "home/token"), "utf8")).toBe(token);
    expect(await readFile(join(folder, "home/stored_tokens"), "utf8")).toBe(
      `[laptop]\nhf_token = ${token}\n\n`,
    );
    expect((await stat(join(folder, "home/token"))).mode & 0o777).toBe(0o600);
    expect(await printed("whoami")).toBe("ada");
    expect(JSON.parse(await printed("whoami", "--json"))).toMatchObject({
      name: "ada",
      token: { name: "laptop" },
    });
  });

  test("repo, upload, files, download and cache do what they say", async () => {
    expect(await printed("repo", "create", "ada/tiny", "--private")).toBe(`${url}/ada/tiny`);
    const source = join(folder, "source");
    await mkdir(join(source, "sub"), { recursive: true });
    const weights = noise(300_000, 1);
    await writeFile(join(source, "config.json"), "{}");
    await writeFile(join(source, "sub/model.safetensors"), weights);
    await writeFile(join(source, "notes.tmp"), "x");
    const commit = await printed(
      "upload",
      "ada/tiny",
      source,
      "--message",
      "First",
      "--exclude",
      "*.tmp",
    );
    expect(commit).toMatch(new RegExp(`^${url}/ada/tiny/commit/[0-9a-f]{40}$`));
    expect(await printed("files", "ada/tiny")).toMatch(
      /^ +2 B {2}config\.json\n 300 kB {2}sub\/model\.safetensors$/m,
    );
    const listed = JSON.parse(await printed("files", "ada/tiny", "--json"));
    expect(listed.map((file: { path: string }) => file.path)).toContain("sub/model.safetensors");
    const path = await printed("download", "ada/tiny", "sub/model.safetensors");
    expect(digest(await readFile(path))).toBe(digest(weights));
    const snapshot = await printed(
      "download",
      "ada/tiny",
      "--include",
      "*.json",
      "--revision",
      "main",
    );
    expect(await readFile(join(snapshot, "config.json"), "utf8")).toBe("{}");
    expect(await printed("cache", "list")).toMatch(/^model {2}ada\/tiny {2}300 kB {2}main$/);
    expect(await printed("cache", "prune")).toBe(
      "Removed 0 snapshots and 0 parts of downloads: 0 B freed",
    );
    expect(await printed("repo", "delete", "ada/tiny")).toBe("");
    const gone = await bearhug(["files", "ada/tiny"]);
    expect(gone).toMatchObject({ code: 1, out: "" });
    expect(gone.err).toMatch(/^Error REPOSITORY_NOT_FOUND: Cannot list the files of "ada\/tiny": /);
  });

  test("logout forgets the token", async () => {
    expect(await bearhug(["logout"])).toMatchObject({ code: 0, err: "The stored token is gone." });
    expect((await bearhug(["whoami"])).code).toBe(1);
    expect(await bearhug(["logout"])).toMatchObject({ code: 0, err: "There was no stored token." });
    await expect(stat(join(folder, "home/stored_tokens"))).rejects.toThrow("ENOENT");
  });
});
