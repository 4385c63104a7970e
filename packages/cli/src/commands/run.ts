import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, HUB_OPTIONS, words } from "../command.ts";
import { runnerOf } from "../run-task.ts";

export const usage = `bearhug run TASK MODEL INPUT... [--revision REVISION] [--json]

Runs a model, from the Hub or from a folder, on each input. Tasks: text-classification, fill-mask,
feature-extraction, and sentence-similarity, which compares the first input with the others.`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...HUB_OPTIONS, revision: { type: "string" } },
  });
  const [task = "", model = "", ...inputs] = words(positionals, {
    min: 3,
    max: Number.POSITIVE_INFINITY,
  });
  const runTask = runnerOf(task);
  const hub = new HubClient({ endpoint: values.endpoint });
  const { revision } = values;
  const options = { hub, revision, signal, onProgress: output.progress };
  const { json, text } = await runTask({ model, inputs, options });
  if (values.json) output.printJson(json);
  else output.print(text);
}
