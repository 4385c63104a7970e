import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { blobStoreCases } from "./blob-store.case.ts";
import { createFolderBlobStore } from "./folder.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "blobs-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

describe("createFolderBlobStore()", () => {
  for (const { name, run } of blobStoreCases) {
    it(name, async () => {
      await run(await createFolderBlobStore(directory));
    });
  }

  it("finds what an earlier process stored, parts included", async () => {
    const before = await createFolderBlobStore(directory);
    await before.write("lfs/abcdef", bytes("kept"));
    await before.multipart("upload").writePart(1, bytes("one"));
    const after = await createFolderBlobStore(directory);
    expect(await after.size("lfs/abcdef")).toBe(4);
    await after.completeMultipart({ uploadId: "upload", key: "lfs/fedcba", parts: 1 });
    expect(await after.size("lfs/fedcba")).toBe(3);
  });

  it("leaves no temporary file behind, and removes those of dead processes only", async () => {
    const store = await createFolderBlobStore(directory);
    await store.write("lfs/abcdef", bytes("x"));
    const incoming = join(directory, "incoming");
    expect(await readdir(incoming)).toEqual([]);
    const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, "_");
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    await writeFile(join(incoming, `${host}-${child.pid}-aaaaaaaaaaaa-0`), "half");
    await writeFile(join(incoming, `${host}-${process.pid}-bbbbbbbbbbbb-0`), "half");
    await writeFile(join(incoming, `${host}-${process.ppid}-cccccccccccc-0`), "alive");
    await writeFile(join(incoming, "elsewhere-1-dddddddddddd-0"), "alive, as far as we know");
    await createFolderBlobStore(directory);
    expect((await readdir(incoming)).sort()).toEqual(
      [`${host}-${process.ppid}-cccccccccccc-0`, "elsewhere-1-dddddddddddd-0"].sort(),
    );
  });

  it("shows nothing of a write whose process was killed in the middle", async () => {
    const module = new URL("./folder.ts", import.meta.url).href;
    const source = `
      const { createFolderBlobStore } = await import(${JSON.stringify(module)});
      const store = await createFolderBlobStore(${JSON.stringify(directory)});
      await store.write("lfs/acknowledged", (async function* () { yield Buffer.from("safe"); })());
      await store.write("lfs/half", (async function* () {
        yield Buffer.alloc(100_000);
        process.stdout.write("half");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      })());`;
    // esbuild, the project's bundler, makes the child's module: Node 20 cannot read TypeScript.
    const { build } = await import("esbuild");
    const { outputFiles } = await build({
      stdin: { contents: source, resolveDir: process.cwd(), loader: "ts" },
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      conditions: ["source"],
      plugins: [
        {
          name: "file-urls",
          setup(pipeline) {
            pipeline.onResolve({ filter: /^file:/ }, ({ path }) => ({
              path: new URL(path).pathname,
            }));
          },
        },
      ],
    });
    const script = join(directory, "child.mjs");
    await writeFile(script, outputFiles[0]?.text ?? "");
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await readdir(join(directory, "incoming"))).toHaveLength(1);
    const store = await createFolderBlobStore(directory);
    expect(await store.size("lfs/half")).toBeUndefined();
    expect(await store.size("lfs/acknowledged")).toBe(4);
    expect(await readdir(join(directory, "incoming"))).toEqual([]);
  });
});

async function* bytes(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}
