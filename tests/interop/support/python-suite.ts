import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, type TestHub } from "./hub-server.ts";
import { CHECKPOINT, python } from "./paths.ts";

const FOLDER = join(import.meta.dirname, "..", "python");

/** The names of the tests in one Python file. */
export function pythonTests(suite: string): readonly string[] {
  const source = readFileSync(join(FOLDER, `${suite}.py`), "utf8");
  return [...source.matchAll(/^def (test_\w+)/gm)].map(([, name]) => name ?? "");
}

/** Runs one Python test in a process of its own with an empty HF_HOME; throws with all that it printed. */
export async function runPythonTest(
  hub: TestHub,
  test: { readonly suite: string; readonly name: string },
  options: { readonly environment: string; readonly transport?: "xet" | "lfs" },
): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "bearhug-hf-home-"));
  try {
    await command(
      python(options.environment),
      [join(FOLDER, "harness.py"), test.suite, test.name],
      { env: environmentOf(hub, home, options.transport ?? "xet") },
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function environmentOf(
  hub: TestHub,
  home: string,
  transport: "xet" | "lfs",
): Readonly<Record<string, string>> {
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
