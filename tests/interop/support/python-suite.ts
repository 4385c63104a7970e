import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, type TestHub } from "./hub-server.ts";
import { CHECKPOINT, python } from "./paths.ts";

const FOLDER = join(import.meta.dirname, "..", "python");

type Transport = "xet" | "lfs";

/** The names of the tests in one Python file. What only Xet can do ends in `_over_xet`. */
export function pythonTests(suite: string, transport: Transport = "xet"): readonly string[] {
  const source = readFileSync(join(FOLDER, `${suite}.py`), "utf8");
  const names = [...source.matchAll(/^def (test_\w+)/gm)].map(([, name]) => name ?? "");
  return names.filter((name) => transport === "xet" || !name.endsWith("_over_xet"));
}

/** Runs one Python test in a process of its own with an empty HF_HOME; throws with all that it printed. */
export async function runPythonTest(
  hub: TestHub,
  test: { readonly suite: string; readonly name: string },
  options: { readonly environment: string; readonly transport?: Transport },
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
  transport: Transport,
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
