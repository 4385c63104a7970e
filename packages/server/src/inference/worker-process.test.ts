import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

const directory = fileURLToPath(
  new URL("../../../../fixtures/transformers/pipelines/classifier", import.meta.url),
);
const options = { kind: "classifier", directory, model: "ada/classifier", threads: 1 } as const;
const request = {
  task: "text-classification",
  texts: ["hello"],
  isSingle: true,
  topK: 1,
  functionToApply: undefined,
} as const;

describe("startWorker()", () => {
  test("a process that is killed fails what waits for it, and nothing else", async () => {
    const worker = await startWorker(options);
    expect(await worker.run(request)).toHaveLength(1);
    const { pid } = worker;
    if (pid === undefined) throw new Error("The process has no id");
    const run = worker.run({ ...request, texts: Array.from({ length: 500 }, (_, i) => `${i}`) });
    process.kill(pid, "SIGKILL");
    await expect(run).rejects.toMatchObject({ status: 500 });
    await worker.exited;
    await expect(worker.run(request)).rejects.toMatchObject({ status: 500 });
  });

  test("a model that cannot be loaded is named by its id, not by its folder", async () => {
    const starting = startWorker({ ...options, directory: dirname(directory) });
    await expect(starting).rejects.toMatchObject({ status: 422 });
    await expect(starting).rejects.toThrow(/^Cannot load "ada\/classifier": it has no file/);
  });
});
