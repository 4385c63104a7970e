import { type PipelineOptions, pipeline, type Task } from "@bearhug/transformers";
import { UsageError } from "./command.ts";
import { formatTable } from "./format.ts";

/** What a model made of the inputs: as data, and as text for people. */
export interface TaskResult {
  readonly json: unknown;
  readonly text: string;
}

export interface TaskInputs {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly options: PipelineOptions;
}

type Runner = (inputs: TaskInputs) => Promise<TaskResult>;

const classify: Runner = async ({ model, inputs, options }) => {
  await using run = await pipeline("text-classification", model, options);
  const found = await run(inputs, { topK: "all", signal: options.signal });
  const rows = (labels: (typeof found)[number]) =>
    labels.map(({ label, score }) => [score.toFixed(4), label]);
  return { json: found, text: grouped(inputs, found.map(rows)) };
};

const RUNNERS: { readonly [T in Task]: Runner } = {
  "text-classification": classify,
  "sentiment-analysis": classify,
  "fill-mask": async ({ model, inputs, options }) => {
    await using run = await pipeline("fill-mask", model, options);
    const found = await run(inputs, { signal: options.signal });
    const rows = (fillings: (typeof found)[number]) =>
      fillings.map(({ score, sequence }) => [score.toFixed(4), sequence]);
    return { json: found, text: grouped(inputs, found.map(rows)) };
  },
  "feature-extraction": async ({ model, inputs, options }) => {
    await using run = await pipeline("feature-extraction", model, options);
    const vectors = (await run(inputs, { signal: options.signal })).map((row) => [...row]);
    return { json: vectors, text: vectors.map((row) => JSON.stringify(row)).join("\n") };
  },
  "sentence-similarity": async ({ model, inputs, options }) => {
    const [source = "", ...sentences] = inputs;
    if (sentences.length === 0)
      throw new UsageError("a sentence to compare the first with is needed");
    await using run = await pipeline("sentence-similarity", model, options);
    const scores = await run(source, sentences, { signal: options.signal });
    const rows = scores.map((score, index) => [score.toFixed(4), sentences[index] ?? ""]);
    return { json: scores, text: formatTable(rows, { right: [0] }) };
  },
};

/** @throws {UsageError} when there is no such task. */
export function runnerOf(task: string): Runner {
  const known = Object.entries(RUNNERS).find(([name]) => name === task);
  if (known) return known[1];
  throw new UsageError(`unknown task "${task}": use one of ${Object.keys(RUNNERS).join(", ")}`);
}

/** Each input's own rows; the input stands above them when there are several. */
function grouped(inputs: readonly string[], groups: readonly (readonly string[][])[]): string {
  return groups
    .map((rows, index) => {
      const table = formatTable(rows, { right: [0] });
      return groups.length > 1 ? `${inputs[index]}\n${table}` : table;
    })
    .join("\n");
}
