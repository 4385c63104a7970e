import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { createRepositoryStore } from "./git-store.ts";
import { createScratch, ID } from "./scratch-repository.case.ts";

/** Commits without end, and says each that was acknowledged. */
const WRITER = `
import { createRepositoryStore } from "./git-store.ts";
const store = await createRepositoryStore(process.argv[2]);
const repository = store.open(process.argv[3]);
for (let index = 0; ; index++) {
  const content = Buffer.from("content " + index);
  const changes = [{ type: "put", path: "file-" + index, content }];
  const author = { name: "Ada", email: "ada@example.org" };
  const { oid } = await repository.commit({ ref: "refs/heads/main", author, title: "x", changes });
  process.stdout.write(index + " " + oid + "\\n");
}`;

describe("Repository durability", () => {
  it("keeps every acknowledged commit of a process that is killed, three times over", {
    timeout: 30_000,
  }, async () => {
    await using scratch = await createScratch();
    // Node 20 cannot read TypeScript: the child gets a bundle.
    const { outputFiles } = await build({
      stdin: { contents: WRITER, resolveDir: import.meta.dirname, loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      conditions: ["source"],
    });
    const script = join(scratch.directory, "writer.mjs");
    await writeFile(script, outputFiles[0]?.text ?? "");
    for (const kills of [3, 7, 12]) {
      const acknowledged = await runAndKill(script, scratch.directory, kills);
      const fresh = await createRepositoryStore(scratch.directory);
      const repository = fresh.open(ID);
      const head = (await repository.resolve("main")) ?? "";
      const log = new Set((await repository.log(head, { limit: 1000 })).map(({ oid }) => oid));
      const paths = acknowledged.map(({ index }) => `file-${index}`);
      expect(acknowledged.length).toBeGreaterThanOrEqual(kills);
      expect(acknowledged.filter(({ oid }) => !log.has(oid))).toEqual([]);
      expect(await repository.entries(head, paths)).toHaveLength(paths.length);
      await scratch.commit([{ type: "put", path: "after", content: Buffer.from(`${kills}`) }]);
      await fresh.close();
    }
    await scratch.git("fsck", "--strict", "--full", "--connectivity-only");
  });
});

/** Kills the writer after `count` acknowledged commits, at a moment of its own choosing. */
async function runAndKill(script: string, directory: string, count: number) {
  const child = spawn(process.execPath, [script, directory, ID], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split("\n").length > count) child.kill("SIGKILL");
  });
  await once(child, "close");
  return [...output.matchAll(/^(\d+) ([0-9a-f]{40})$/gm)].map(([, index = "", oid = ""]) => ({
    index,
    oid,
  }));
}
