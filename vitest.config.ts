import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = ["source", "node", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["source", "node"] } },
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "packages/*/src/**/*.test.tsx",
      "tests/*.test.ts",
      "tools/**/*.test.ts",
      "examples/**/*.test.ts",
    ],
    pool: "forks",
    maxWorkers: availableParallelism(),
    testTimeout: 20_000,
    server: { deps: { inline: [/@bearhug\//, /^bearhug$/] } },
  },
});
