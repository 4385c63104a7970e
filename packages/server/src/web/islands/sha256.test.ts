import { createHash, randomFillSync } from "node:crypto";
import { expect, it } from "vitest";
import { Sha256 } from "./sha256.ts";

it("Sha256 agrees with Node for every length around its blocks, however the input is cut", () => {
  const bytes = randomFillSync(new Uint8Array(5000));
  for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 5000]) {
    const input = bytes.subarray(0, length);
    const expected = createHash("sha256").update(input).digest("hex");
    for (const step of [1, 7, 64, 100, 5000]) {
      const hash = new Sha256();
      for (let at = 0; at < length; at += step) hash.update(input.subarray(at, at + step));
      expect(hash.digest()).toBe(expected);
    }
  }
});
