import { isObject } from "@bearhug/core";
import type { RepoSummary } from "../../services/services.ts";

/** What the widget's script needs; it is put into the page as JSON. */
export interface WidgetData {
  readonly model: string;
  readonly task: WidgetTask;
  readonly examples: readonly WidgetExample[];
  readonly maskToken: string;
}

export type WidgetTask = (typeof WIDGET_TASKS)[number];

export interface WidgetExample {
  readonly title: string;
  readonly text: string;
  readonly sentences: readonly string[];
}

const WIDGET_TASKS = [
  "text-classification",
  "fill-mask",
  "feature-extraction",
  "sentence-similarity",
] as const;

const MAX_EXAMPLES = 6;

/** `undefined` when there is no widget for the task, or this server cannot run it. */
export function widgetOf(
  summary: RepoSummary,
  runnable: readonly string[],
): WidgetData | undefined {
  const task = WIDGET_TASKS.find((known) => known === summary.pipelineTag);
  if (summary.type !== "model" || task === undefined || !runnable.includes(task)) return undefined;
  if (summary.cardData?.["inference"] === false || summary.safetensors === undefined) {
    return undefined;
  }
  const maskToken = maskTokenOf(summary);
  const stated = examplesOf(summary.cardData?.["widget"], task);
  const examples = stated.length > 0 ? stated : [defaultExample(task, maskToken)];
  return { model: summary.id, task, examples: examples.slice(0, MAX_EXAMPLES), maskToken };
}

function examplesOf(widget: unknown, task: WidgetTask): readonly WidgetExample[] {
  const entries: readonly unknown[] = Array.isArray(widget) ? widget : [];
  return entries.flatMap((entry) => {
    if (typeof entry === "string") return [{ title: shorten(entry), text: entry, sentences: [] }];
    if (!isObject(entry)) return [];
    const text =
      entry[task === "sentence-similarity" ? "source_sentence" : "text"] ?? entry["text"];
    if (typeof text !== "string") return [];
    const { sentences, example_title: title } = entry;
    return [
      {
        title: typeof title === "string" ? title : shorten(text),
        text,
        sentences: Array.isArray(sentences)
          ? sentences.filter((sentence) => typeof sentence === "string")
          : [],
      },
    ];
  });
}

function defaultExample(task: WidgetTask, maskToken: string): WidgetExample {
  if (task === "sentence-similarity") {
    const sentences = [
      "The bear is asleep",
      "A small animal is sleeping",
      "The train is late again",
    ];
    return { title: "A sleeping bear", text: "A bear sleeps in its den", sentences };
  }
  const texts = {
    "text-classification": "What a warm and thoughtful present, thank you!",
    "fill-mask": `The bear slept all ${maskToken} long.`,
    "feature-extraction": "Every sentence is a point in space.",
  };
  return { title: shorten(texts[task]), text: texts[task], sentences: [] };
}

/** What stands for the missing word, from the card or the tokenizer. */
export function maskTokenOf(summary: RepoSummary): string {
  const config = isObject(summary.config) ? summary.config : {};
  const tokenizer = isObject(config["tokenizer_config"]) ? config["tokenizer_config"] : {};
  const stated = [summary.cardData?.["mask_token"], tokenizer["mask_token"]].map((token) =>
    isObject(token) ? token["content"] : token,
  );
  return stated.find((token) => typeof token === "string" && token !== "")?.toString() ?? "[MASK]";
}

function shorten(text: string): string {
  return text.length > 36 ? `${text.slice(0, 35).trimEnd()}…` : text;
}
