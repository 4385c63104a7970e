// A model's files come from one commit of our own Hub, and what is no directory is named as such.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AutoTokenizer,
  openPretrained,
  PretrainedDirectoryMissingError,
  pipeline,
} from "@bearhug/transformers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type InProcessHub, startInProcessHub } from "./support/in-process-hub.ts";

let hub: InProcessHub;
beforeAll(async () => {
  hub = await startInProcessHub();
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

async function commit(version: string): Promise<string> {
  const operations = ["a.txt", "b.txt", "folder/c.txt"].map((path) => ({
    type: "put" as const,
    path,
    content: version,
  }));
  return (await hub.client().commit("ada/moving", { title: version, operations })).oid;
}

test("openPretrained() stays at the commit of its first answer while the branch moves", async () => {
  await hub.client().createRepo("ada/moving");
  const first = await commit("one");
  const client = hub.client();
  const afterFile = await openPretrained("ada/moving", { hub: client });
  const afterAbsence = await openPretrained("ada/moving", { hub: client });
  const together = await openPretrained("ada/moving@main", { hub: client });
  expect(afterFile.commit).toBeUndefined();
  expect(await readFile(await afterFile.require("a.txt"), "utf8")).toBe("one");
  expect(await afterAbsence.find("none.json")).toBeUndefined();
  const moved = [together.require("a.txt"), commit("two"), together.require("b.txt")] as const;
  const [a, second, b] = await Promise.all(moved);
  for (const files of [afterFile, afterAbsence]) {
    expect(files.commit).toBe(first);
    expect(await readFile(await files.require("b.txt"), "utf8")).toBe("one");
    expect(await files.list("folder")).toEqual(["c.txt"]);
  }
  expect(await readFile(b, "utf8")).toBe(await readFile(a, "utf8"));
  const latest = await openPretrained("ada/moving", { hub: client });
  expect(await readFile(await latest.require("b.txt"), "utf8")).toBe("two");
  expect(latest.commit).toBe(second);
  const named = await openPretrained("ada/moving", { hub: client, revision: first });
  expect(named.commit).toBe(first);
  expect(await readFile(await named.require("a.txt"), "utf8")).toBe("one");
});

test.each(["./no-such-model", "../no-such-model", "/no/such/model", "~/no-such-model"])(
  "%s is not taken for a repository",
  async (path) => {
    const opening = [
      openPretrained(path),
      pipeline("feature-extraction", path),
      AutoTokenizer.fromPretrained(path),
    ];
    for (const failed of opening) {
      await expect(failed).rejects.toBeInstanceOf(PretrainedDirectoryMissingError);
      await expect(failed).rejects.toMatchObject({ code: "PRETRAINED_DIRECTORY_MISSING", path });
    }
  },
);

test("a file is no directory either", async () => {
  const file = join(hub.folder, "model.safetensors");
  await writeFile(file, "");
  await expect(openPretrained(file)).rejects.toThrow(/it is a file$/);
});
