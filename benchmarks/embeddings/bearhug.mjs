// Contestant: our pipeline on the original checkpoint, as users call it.
import { readFile } from "node:fs/promises";
import { pipeline } from "@bearhug/transformers";
import { serveQuestions } from "../worker.mjs";

const [checkpoint, threads] = process.argv.slice(2);
const started = performance.now();
const embed = await pipeline("feature-extraction", checkpoint, { threads: Number(threads) });
const manifest = new URL("../../packages/transformers/package.json", import.meta.url);
const { version } = JSON.parse(await readFile(manifest, "utf8"));
const self = {
  versions: { "@bearhug/transformers": version },
  loadSeconds: (performance.now() - started) / 1000,
};
await serveQuestions(self, async ({ texts, batchSize }) => {
  const [begun, processor] = [performance.now(), process.cpuUsage()];
  let first;
  for (let at = 0; at < texts.length; at += batchSize) {
    const vectors = await embed(texts.slice(at, at + batchSize), { batchSize });
    first ??= Array.from(vectors[0]);
  }
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(processor);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    first,
    peakMemoryMiB: process.resourceUsage().maxRSS / 1024,
  };
});
