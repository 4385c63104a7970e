import { createHash as createNodeHash } from "node:crypto";
import { createRandom } from "@bearhug/core";
import { expect, test } from "vitest";
import { createHash } from "./browser.ts";

test.each(["sha1", "sha256"] as const)(
  "createHash(%s) in browsers agrees with node:crypto at every block border",
  (name) => {
    const random = createRandom(7);
    for (const length of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 70_001]) {
      const bytes = Uint8Array.from({ length }, () => random.integer(256));
      const hash = createHash(name);
      for (let at = 0; at < length; ) {
        const end = Math.min(length, at + 1 + random.integer(200));
        hash.update(bytes.subarray(at, end));
        at = end;
      }
      expect(hash.digestHex()).toBe(createNodeHash(name).update(bytes).digest("hex"));
    }
  },
);
