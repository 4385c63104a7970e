import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataFolderError, loadSecret, parsePublicUrl } from "./config.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-config-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe("loadSecret()", () => {
  it("gives the same to all who start at once, and later, and keeps it private", async () => {
    const secrets = await Promise.all(Array.from({ length: 5 }, () => loadSecret(folder)));
    secrets.push(await loadSecret(folder));
    for (const secret of secrets) expect(secret).toEqual(secrets[0]);
    expect(secrets[0]).toHaveLength(32);
    expect(await readdir(folder)).toEqual(["secret"]);
    expect((await stat(join(folder, "secret"))).mode & 0o077).toBe(0);
  });

  it("refuses a damaged one: a new one would void what was signed", async () => {
    await writeFile(join(folder, "secret"), "short");
    await expect(loadSecret(folder)).rejects.toThrow(DataFolderError);
  });
});

describe("parsePublicUrl()", () => {
  it("drops the trailing slash and keeps a path", () => {
    expect(parsePublicUrl("https://hub.example/")).toBe("https://hub.example");
    expect(parsePublicUrl("http://h:8080/hf/")).toBe("http://h:8080/hf");
  });

  it.each(["hub.example", "ftp://h", "", "https://h?x=1", "javascript:alert(1)"])(
    "refuses %j",
    (text) => {
      expect(() => parsePublicUrl(text)).toThrow(TypeError);
    },
  );
});
