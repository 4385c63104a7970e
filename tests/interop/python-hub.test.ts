// Python's huggingface_hub, unmodified, in the two releases that people use.
import { afterAll, beforeAll, describe, test } from "vitest";
import { startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing, python } from "./support/paths.ts";
import { pythonTests, runPythonTest } from "./support/python-suite.ts";

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
  describe.each(SUITES)(`$suite over $transport${absent ? ` (${absent})` : ""}`, (options) => {
    test.skipIf(absent !== undefined).each(pythonTests(options.suite, options.transport))(
      "%s",
      (name) =>
        runPythonTest(
          hub,
          { suite: options.suite, name },
          { environment, transport: options.transport },
        ),
    );
  });
});
