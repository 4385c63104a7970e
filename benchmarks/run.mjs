// `npm run bench -- NAME [--rounds N]`: measures against rivals in one run and saves benchmarks/results/DATE-NAME.json.
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" } },
});
const benchmarks = {
  embeddings: () => import("./embeddings.mjs"),
  transfer: () => import("./transfer.mjs"),
};
const [name = ""] = positionals;
const load = benchmarks[name];
if (!load) {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join(" | ")} [--rounds N]`);
  process.exit(2);
}
const { run } = await load();
await run(values.rounds === undefined ? {} : { rounds: Number(values.rounds) });
