/** What clients may ask of a model: wire shapes in, typed requests out. It knows neither HTTP nor models. */
import { isObject, type JsonObject } from "@bearhug/core";
import { HubError } from "../http/hub-error.ts";

/** Tasks of the inference API. */
export const TASKS = [
  "feature-extraction",
  "sentence-similarity",
  "text-classification",
  "fill-mask",
] as const;

export type ServedTask = (typeof TASKS)[number];

/** What a worker runs. `embeddings` is what OpenAI's route asks for: always one vector a text, and counts. */
export type TaskRequest =
  | {
      readonly task: "feature-extraction" | "embeddings";
      readonly texts: readonly string[];
      readonly isSingle: boolean;
      readonly normalize: boolean | undefined;
      readonly promptName: string | undefined;
      /** When false, a text that is too long is an error. */
      readonly truncate: boolean;
    }
  | {
      readonly task: "sentence-similarity";
      readonly source: string;
      readonly sentences: readonly string[];
    }
  | {
      readonly task: "text-classification";
      readonly texts: readonly (string | { readonly text: string; readonly textPair?: string })[];
      readonly isSingle: boolean;
      readonly topK: number | "all";
      readonly functionToApply: "softmax" | "sigmoid" | "none" | undefined;
    }
  | {
      readonly task: "fill-mask";
      readonly texts: readonly string[];
      readonly isSingle: boolean;
      readonly topK: number;
      readonly targets: readonly string[] | undefined;
    };

/** Which model of a repository a request needs. */
export type ModelKind = "encoder" | "classifier" | "masked-lm";

export const KIND_OF_TASK: Readonly<Record<TaskRequest["task"], ModelKind>> = {
  "feature-extraction": "encoder",
  embeddings: "encoder",
  "sentence-similarity": "encoder",
  "text-classification": "classifier",
  "fill-mask": "masked-lm",
};

const MAX_TEXTS = 1024;
const MAX_CHARACTERS = 2_000_000;
const MAX_TOP_K = 1000;

/** @throws {HubError} 400 naming the field that is wrong. */
export function parseTaskRequest(
  task: string,
  inputs: unknown,
  parameters: JsonObject = {},
): TaskRequest {
  switch (task) {
    case "feature-extraction":
    case "embeddings":
      return parseEmbedding(task, inputs, parameters);
    case "sentence-similarity":
      return parseSimilarity(inputs);
    case "text-classification":
    case "sentiment-analysis":
      return parseClassification(inputs, parameters);
    case "fill-mask":
      return parseFillMask(inputs, parameters);
    default:
      throw new HubError(400, "BadRequest", {
        message: `The task "${task}" is not supported`,
        hint: `This server runs ${TASKS.join(", ")}`,
        body: { error_type: "validation" },
      });
  }
}

function parseEmbedding(
  task: "feature-extraction" | "embeddings",
  inputs: unknown,
  parameters: JsonObject,
): TaskRequest {
  const side = parameters["truncation_direction"];
  if (side !== undefined && side !== null && String(side).toLowerCase() !== "right") {
    throw invalid("parameters.truncation_direction", '"right"');
  }
  return {
    task,
    ...parseTexts(inputs),
    normalize: parseFlag(parameters, "normalize"),
    promptName: parseText(parameters, "prompt_name"),
    truncate: parseFlag(parameters, "truncate") ?? true,
  };
}

function parseSimilarity(inputs: unknown): TaskRequest {
  if (!isObject(inputs)) throw invalid("inputs", "{ source_sentence, sentences }");
  const { source_sentence: source, sentences } = inputs;
  if (typeof source !== "string") throw invalid("inputs.source_sentence", "a string");
  const { texts } = parseTexts(sentences, "inputs.sentences");
  checkSize([source]);
  return { task: "sentence-similarity", source, sentences: texts };
}

function parseClassification(inputs: unknown, parameters: JsonObject): TaskRequest {
  const isSingle = !Array.isArray(inputs);
  const list: readonly unknown[] = Array.isArray(inputs) ? inputs : [inputs];
  const texts = list.map((item, i) => {
    const path = isSingle ? "inputs" : `inputs[${i}]`;
    if (typeof item === "string") return item;
    if (!isObject(item)) throw invalid(path, "a string or { text, text_pair }");
    const { text, text_pair: textPair } = item;
    if (typeof text !== "string") throw invalid(`${path}.text`, "a string");
    if (textPair === undefined || textPair === null) return text;
    if (typeof textPair !== "string") throw invalid(`${path}.text_pair`, "a string");
    return { text, textPair };
  });
  checkSize(texts.flatMap((item) => (typeof item === "string" ? item : Object.values(item))));
  const functions = ["softmax", "sigmoid", "none"] as const;
  const stated = parseText(parameters, "function_to_apply");
  const functionToApply = functions.find((name) => name === stated?.toLowerCase());
  if (stated !== undefined && functionToApply === undefined) {
    throw invalid("parameters.function_to_apply", `one of ${functions.join(", ")}`);
  }
  const topK = parseTopK(parameters) ?? "all";
  return { task: "text-classification", texts, isSingle, topK, functionToApply };
}

function parseFillMask(inputs: unknown, parameters: JsonObject): TaskRequest {
  const { targets } = parameters;
  const words = targets === undefined || targets === null ? undefined : targets;
  return {
    task: "fill-mask",
    ...parseTexts(inputs),
    topK: parseTopK(parameters) ?? 5,
    targets: words === undefined ? undefined : parseTexts(words, "parameters.targets").texts,
  };
}

function parseTexts(
  value: unknown,
  path = "inputs",
): { readonly texts: readonly string[]; readonly isSingle: boolean } {
  const isSingle = typeof value === "string";
  const list: readonly unknown[] = isSingle ? [value] : Array.isArray(value) ? value : [];
  if (!isSingle && !Array.isArray(value)) throw invalid(path, "a string or a list of strings");
  const texts = list.map((item, i) => {
    if (typeof item === "string") return item;
    throw invalid(`${path}[${i}]`, "a string");
  });
  checkSize(texts);
  return { texts, isSingle };
}

function checkSize(texts: readonly string[]): void {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (texts.length <= MAX_TEXTS && characters <= MAX_CHARACTERS) return;
  throw new HubError(413, "PayloadTooLarge", {
    message: `One request may hold ${MAX_TEXTS} texts and ${MAX_CHARACTERS} characters`,
    body: { error_type: "validation" },
  });
}

function parseTopK(parameters: JsonObject): number | undefined {
  const value = parameters["top_k"];
  if (value === undefined || value === null) return undefined;
  const isValid = typeof value === "number" && Number.isInteger(value) && value >= 1;
  if (!isValid) throw invalid("parameters.top_k", "a positive integer");
  return Math.min(value, MAX_TOP_K);
}

function parseFlag(parameters: JsonObject, name: string): boolean | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalid(`parameters.${name}`, "true or false");
  return value;
}

function parseText(parameters: JsonObject, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(`parameters.${name}`, "a string");
  return value;
}

function invalid(path: string, what: string): HubError {
  return new HubError(400, "BadRequest", {
    message: `${path} must be ${what}`,
    body: { error_type: "validation" },
  });
}
