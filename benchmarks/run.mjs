// `npm run bench -- NAME [--rounds N]`: measures against rivals in one run and saves benchmarks/results/DATE-NAME.json.
// benchmarks/README.md says what is measured, and which further options `tokenizers` has.
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    case: { type: "string", multiple: true },
    tokenizer: { type: "string", multiple: true },
    contestant: { type: "string", multiple: true },
    megabytes: { type: "string" },
    seconds: { type: "string" },
  },
});
const benchmarks = {
  embeddings: () => import("./embeddings.mjs"),
  tokenizers: () => import("./tokenizers.mjs"),
  transfer: () => import("./transfer.mjs"),
};
const [name = ""] = positionals;
const load = benchmarks[name];
if (!load) {
  console.error(`Usage: npm run bench -- ${Object.keys(benchmarks).join(" | ")} [--rounds N]`);
  process.exit(2);
}
const { run } = await load();
const numbers = ["rounds", "megabytes", "seconds"].filter((option) => values[option] !== undefined);
for (const option of numbers) {
  values[option] = Number(values[option]);
  if (!(values[option] > 0)) {
    console.error(`--${option} must be a number above zero`);
    process.exit(2);
  }
}
await run(values);
