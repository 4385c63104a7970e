import { expect, test } from "vitest";
import { trimMemory } from "./trim-memory.ts";

test("trimMemory() works where there is something to trim, and is harmless elsewhere", async () => {
  await expect(trimMemory()).resolves.toBeUndefined();
});
