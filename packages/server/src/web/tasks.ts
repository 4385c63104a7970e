/** Names and drawings of tasks, from the catalogue that clients use too. */
import { PIPELINE_DATA, type PipelineType } from "@huggingface/tasks";
import type { IconName } from "./components/icon-shapes.ts";

const TASK_ICONS: Readonly<Record<string, IconName>> = {
  "text-classification": "classify",
  "zero-shot-classification": "classify",
  "text-ranking": "filter",
  "token-classification": "token",
  "fill-mask": "mask",
  "feature-extraction": "vector",
  "image-feature-extraction": "vector",
  "sentence-similarity": "similarity",
  "text-generation": "chat",
  "image-text-to-text": "chat",
  summarization: "archive",
  translation: "translate",
  "question-answering": "question",
  "document-question-answering": "question",
  "visual-question-answering": "question",
  "table-question-answering": "table",
  "time-series-forecasting": "table",
};

const MODALITY_ICONS: Readonly<Record<string, IconName>> = {
  nlp: "chat",
  cv: "image",
  audio: "audio",
  tabular: "table",
  multimodal: "modalities",
  rl: "game",
  other: "spark",
};

/** `Fill-Mask` for `fill-mask`; an unknown id stays as it is. */
export function taskName(task: string): string {
  return isTask(task) ? PIPELINE_DATA[task].name : task;
}

export function taskIcon(task: string): IconName {
  const modality = isTask(task) ? PIPELINE_DATA[task].modality : "other";
  if (task.includes("video")) return "video";
  return TASK_ICONS[task] ?? MODALITY_ICONS[modality] ?? "spark";
}

export function isTask(task: string): task is PipelineType {
  return Object.hasOwn(PIPELINE_DATA, task);
}
