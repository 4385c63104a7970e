// One cache for two languages: what Python downloaded is found here with the network off, and the reverse.
import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { EntryNotFoundError } from "@bearhug/hub";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digest, noise } from "./support/content.ts";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

const python = process.env["BEARHUG_TEST_PYTHON"];
const run = promisify(execFile);
const weights = noise(1_200_000, 11);

const title = python
  ? "a cache shared with Python"
  : "a cache shared with Python (skipped: BEARHUG_TEST_PYTHON names no interpreter)";

describe.skipIf(!python)(title, () => {
  let hub: InProcessHub;
  let url: string;

  beforeAll(async () => {
    hub = await startInProcessHub();
    ({ url } = await hub.server.listen({ port: 0 }));
    const client = hub.client();
    await client.createRepo("ada/shared");
    await client.commit("ada/shared", {
      title: "Files",
      operations: [
        { type: "put", path: "config.json", content: '{"a": 1}' },
        { type: "put", path: "sub/notes é.txt", content: "text" },
        { type: "put", path: "model.safetensors", content: weights },
      ],
    });
  });
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
  });

  /** Runs Python with huggingface_hub; gives what it prints. */
  async function inPython(
    code: string,
    { home, offline = false }: { home: string; offline?: boolean },
  ): Promise<string> {
    const { stdout } = await run(python ?? "", ["-c", `from huggingface_hub import *\n${code}`], {
      env: {
        PATH: process.env["PATH"],
        HF_HOME: home,
        HF_ENDPOINT: offline ? "http://127.0.0.1:9" : url,
        HF_TOKEN: hub.token,
        HF_HUB_OFFLINE: offline ? "1" : "0",
        HF_HUB_DISABLE_PROGRESS_BARS: "1",
      },
    });
    return stdout.trim();
  }

  const home = (name: string): string => join(hub.folder, name);
  const cacheOf = (name: string): string => join(home(name), "hub");

  test("Python finds offline what we downloaded: files, snapshots, absences", async () => {
    const client = hub.client({ cacheDir: cacheOf("ours") });
    const folder = await client.snapshot("ada/shared");
    await expect(client.downloadToCache("ada/shared", "absent.json")).rejects.toThrow(
      EntryNotFoundError,
    );
    const said = await inPython(
      `
print(snapshot_download("ada/shared"))
print(hf_hub_download("ada/shared", "model.safetensors"))
print(try_to_load_from_cache("ada/shared", "absent.json") is _CACHED_NO_EXIST)
repos = [r for r in scan_cache_dir().repos]
print(len(scan_cache_dir().warnings), repos[0].repo_id, repos[0].nb_files, sorted(repos[0].refs))
`,
      { home: home("ours"), offline: true },
    );
    expect(said.split("\n")).toEqual([
      folder,
      join(folder, "model.safetensors"),
      "True",
      "0 ada/shared 4 ['main']",
    ]);
  });

  test("we find offline what Python downloaded: files, snapshots, absences", async () => {
    const said = await inPython(
      `
from huggingface_hub.utils import EntryNotFoundError
print(snapshot_download("ada/shared"))
try:
    hf_hub_download("ada/shared", "absent.json")
except EntryNotFoundError:
    print("absent")
`,
      { home: home("theirs") },
    );
    const [folder = "", absent] = said.split("\n");
    expect(absent).toBe("absent");
    const client = hub.client({ cacheDir: cacheOf("theirs"), offline: true });
    expect(await client.snapshot("ada/shared")).toBe(folder);
    const path = await client.downloadToCache("ada/shared", "model.safetensors");
    expect(digest(await readFile(path))).toBe(digest(weights));
    expect(await readFile(join(folder, "sub/notes é.txt"), "utf8")).toBe("text");
    await expect(client.downloadToCache("ada/shared", "absent.json")).rejects.toThrow(
      EntryNotFoundError,
    );
    const [repo] = await client.listCache();
    expect(repo).toMatchObject({
      name: "ada/shared",
      revisions: [{ refs: ["main"], fileCount: 4 }],
    });
  });

  test("neither downloads again what the other has", async () => {
    await inPython('hf_hub_download("ada/shared", "model.safetensors")', { home: home("mixed") });
    const client = hub.client({ cacheDir: cacheOf("mixed") });
    const blob = join(cacheOf("mixed"), "models--ada--shared", "blobs", digest(weights));
    const before = (await stat(blob)).mtimeMs;
    await client.snapshot("ada/shared");
    expect((await stat(blob)).mtimeMs).toBe(before);
    await inPython('snapshot_download("ada/shared")', { home: home("mixed") });
    expect((await stat(blob)).mtimeMs).toBe(before);
  });

  test("both download into one cache at the same time", async () => {
    const client = hub.client({ cacheDir: cacheOf("race") });
    const code = 'print(snapshot_download("ada/shared", max_workers=2))';
    const [theirs, ours, again] = await Promise.all([
      inPython(code, { home: home("race") }),
      client.snapshot("ada/shared"),
      inPython(code, { home: home("race") }),
    ]);
    expect([theirs, again]).toEqual([ours, ours]);
    expect(digest(await readFile(join(ours, "model.safetensors")))).toBe(digest(weights));
  });

  test("Python and we read each other's login", async () => {
    const said = await inPython(
      `
login(token="${hub.token}")
print(whoami()["name"])
`,
      { home: home("login") },
    );
    expect(said).toContain("ada");
    expect(await readFile(join(home("login"), "token"), "utf8")).toBe(hub.token);
  });
});
