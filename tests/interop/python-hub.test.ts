// Python's huggingface_hub, unmodified, each test in a process of its own with an empty HF_HOME.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { command, startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing, python } from "./support/paths.ts";

const FOLDER = join(import.meta.dirname, "python");
const VERSIONS = [
  { version: "2.0.0", environment: "hub-2" },
  { version: "1.33.0", environment: "hub-1" },
] as const;

/** Over LFS only what moves bytes is run again: the other suites do not tell the difference. */
const SUITES = [
  { suite: "repositories", transport: "xet" },
  { suite: "errors", transport: "xet" },
  { suite: "file_system", transport: "xet" },
  { suite: "transfer", transport: "xet" },
  { suite: "transfer", transport: "lfs" },
] as const;

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub("python-hub");
});
afterAll(() => hub?.[Symbol.asyncDispose]());

describe.each(VERSIONS)("huggingface_hub $version", ({ environment }) => {
  const absent = missing(python(environment), CHECKPOINT);
  describe.each(SUITES)(`$suite over $transport${absent ? ` (${absent})` : ""}`, (suite) => {
    test.skipIf(absent !== undefined).each(testsOf(suite.suite))("%s", async (name) => {
      const home = await mkdtemp(join(tmpdir(), "bearhug-hf-home-"));
      try {
        await command(python(environment), [join(FOLDER, "harness.py"), suite.suite, name], {
          env: environmentOf(home, suite.transport),
        });
      } finally {
        await rm(home, { recursive: true, force: true });
      }
    });
  });
});

function testsOf(suite: string): readonly string[] {
  const source = readFileSync(join(FOLDER, `${suite}.py`), "utf8");
  return [...source.matchAll(/^def (test_\w+)/gm)].map(([, name]) => name ?? "");
}

function environmentOf(home: string, transport: "xet" | "lfs"): Readonly<Record<string, string>> {
  return {
    HF_ENDPOINT: hub.url,
    HF_HOME: home,
    HF_TOKEN: hub.token,
    HF_HUB_DISABLE_XET: transport === "lfs" ? "1" : "",
    HF_HUB_DISABLE_TELEMETRY: "1",
    HF_HUB_DISABLE_PROGRESS_BARS: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    INTEROP_USER: hub.user,
    INTEROP_TOKEN: hub.token,
    INTEROP_READ_TOKEN: hub.readToken,
    INTEROP_OTHER_TOKEN: hub.otherToken,
    INTEROP_DATA: hub.dataDir,
    INTEROP_CHECKPOINT: CHECKPOINT,
  };
}
