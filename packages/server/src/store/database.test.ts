import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Database, isUniqueViolation, openDatabase } from "./database.ts";

let folder: string;
const open: Database[] = [];

async function start(): Promise<Database> {
  const database = await openDatabase(join(folder, "hub.sqlite"));
  open.push(database);
  return database;
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bearhug-database-"));
});

afterEach(async () => {
  for (const database of open.splice(0)) await database.destroy();
  await rm(folder, { recursive: true, force: true });
});

function account(name: string) {
  return {
    id: name.padEnd(24, "0"),
    name,
    name_key: name.toLowerCase(),
    full_name: name,
    email: null,
    password_hash: "",
    is_admin: 0,
    created_at: 1,
  };
}

describe("openDatabase()", () => {
  it("keeps rows over a restart and applies migrations once", async () => {
    const first = await start();
    await first.insertInto("accounts").values(account("Ada")).execute();
    await first.destroy();
    open.length = 0;
    const again = await start();
    expect(await again.selectFrom("accounts").select("name").execute()).toEqual([{ name: "Ada" }]);
  });

  it("migrates safely when several open it at the same time", async () => {
    const databases = await Promise.all([start(), start(), start(), start()]);
    await databases[0]?.insertInto("accounts").values(account("Ada")).execute();
    expect(await databases[3]?.selectFrom("accounts").select("name").execute()).toHaveLength(1);
  });

  it("enforces foreign keys", async () => {
    const database = await start();
    const orphan = { token_hash: "x", account_id: "nobody", created_at: 1, expires_at: 2 };
    await expect(database.insertInto("sessions").values(orphan).execute()).rejects.toThrow(
      /FOREIGN KEY/,
    );
  });

  it("rolls a failed transaction back", async () => {
    const database = await start();
    const failing = database.transaction().execute(async (transaction) => {
      await transaction.insertInto("accounts").values(account("Ada")).execute();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await database.selectFrom("accounts").select("name").execute()).toEqual([]);
  });
});

describe("isUniqueViolation()", () => {
  it("tells a duplicate from other failures", async () => {
    const database = await start();
    await database.insertInto("accounts").values(account("Ada")).execute();
    const insert = () => database.insertInto("accounts").values(account("Ada")).execute();
    const duplicate = await insert().catch((error: unknown) => error);
    expect(isUniqueViolation(duplicate)).toBe(true);
    expect(isUniqueViolation(new Error("other"))).toBe(false);
  });
});
