// Contestant: @huggingface/transformers, the reference's JavaScript library, on its native backend.
import { env, pipeline } from "@huggingface/transformers";
import { serveQuestions } from "../worker.mjs";

const [models, name, threads] = process.argv.slice(2);
env.localModelPath = models;
env.allowRemoteModels = false;
const started = performance.now();
const embed = await pipeline("feature-extraction", name, {
  dtype: "fp32",
  session_options: { intraOpNumThreads: Number(threads), interOpNumThreads: 1 },
});
const self = {
  versions: { "@huggingface/transformers": env.version },
  loadSeconds: (performance.now() - started) / 1000,
};
await serveQuestions(self, async ({ texts, batchSize }) => {
  const [begun, processor] = [performance.now(), process.cpuUsage()];
  let first;
  for (let at = 0; at < texts.length; at += batchSize) {
    const vectors = await embed(texts.slice(at, at + batchSize), {
      pooling: "mean",
      normalize: true,
    });
    first ??= Array.from(vectors.data.slice(0, vectors.dims.at(-1)));
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
