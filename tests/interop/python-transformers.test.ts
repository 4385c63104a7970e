// Python's transformers, with the real torch, loads original checkpoints from the Hub.
import { afterAll, beforeAll, describe, test } from "vitest";
import { startHub, type TestHub } from "./support/hub-server.ts";
import { CHECKPOINT, missing, python } from "./support/paths.ts";
import { pythonTests, runPythonTest } from "./support/python-suite.ts";

const environment = "transformers";
const absent = missing(python(environment), CHECKPOINT);

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub("python-transformers");
});
afterAll(() => hub?.[Symbol.asyncDispose]());

describe(`transformers 5.23.0${absent ? ` (${absent})` : ""}`, () => {
  test.skipIf(absent !== undefined).each(pythonTests("checkpoints"))("%s", (name) =>
    runPythonTest(hub, { suite: "checkpoints", name }, { environment }),
  );
});
