import { defineConfig } from "vitest/config";

// Against the built packages, as users run them: `npm run build` first. One file at a time, because the suites
// measure memory, time and bytes on disk, and start a server each.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/node_modules/, /packages\/[^/]+\/dist/] } },
  },
});
