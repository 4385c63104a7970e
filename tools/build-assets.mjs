// Bundles what browsers load (scripts and styles of the server's pages). Libraries are not bundled.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, "packages/server/src/web/bundle.mjs");
if (existsSync(web)) await (await import(web)).bundle();
