// Contestant: the same ONNX export and tokenizer library, straight through the stock onnxruntime-node binding.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { AutoTokenizer, env } from "@huggingface/transformers";
import { serveQuestions } from "../worker.mjs";

// The binding of the version that transformers.js brings.
const require = createRequire(createRequire(import.meta.url).resolve("@huggingface/transformers"));
const { InferenceSession } = require("onnxruntime-node");
const [models, name, threads] = process.argv.slice(2);
env.localModelPath = models;
env.allowRemoteModels = false;
const started = performance.now();
const tokenizer = await AutoTokenizer.from_pretrained(name);
const session = await InferenceSession.create(join(models, name, "onnx", "model.onnx"), {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
});
const version = JSON.parse(
  await readFile(join(require.resolve("onnxruntime-node"), "../../package.json"), "utf8"),
).version;
const self = {
  versions: { "onnxruntime-node": version },
  loadSeconds: (performance.now() - started) / 1000,
};
await serveQuestions(self, async ({ texts, batchSize }) => {
  const [begun, processor] = [performance.now(), process.cpuUsage()];
  let first;
  for (let at = 0; at < texts.length; at += batchSize) {
    const inputs = tokenizer(texts.slice(at, at + batchSize), {
      padding: true,
      truncation: true,
      max_length: 256,
    });
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([key, tensor]) => [key, tensor.ort_tensor]),
    );
    const { last_hidden_state: hidden } = await session.run(feeds);
    const vectors = meanOfTokens(hidden, inputs.attention_mask.data);
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

function meanOfTokens({ data, dims: [batch, tokens, width] }, mask) {
  return Array.from({ length: batch }, (_, row) => {
    const vector = new Float32Array(width);
    for (let token = 0; token < tokens; token++) {
      if (mask[row * tokens + token] === 0n) continue;
      const start = (row * tokens + token) * width;
      for (let i = 0; i < width; i++) vector[i] += data[start + i];
    }
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
}
