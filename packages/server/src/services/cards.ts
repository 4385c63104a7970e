import { isObject } from "@bearhug/core";
import type { RepoType } from "@bearhug/hub/protocol";
import { ALL_MODEL_LIBRARY_KEYS, PIPELINE_DATA } from "@huggingface/tasks";
import { parseCard } from "./front-matter.ts";
import { LICENSES } from "./license-ids.ts";

export interface CardMessage {
  readonly message: string;
}

export interface CardReport {
  /** What a commit is refused for. */
  readonly errors: readonly CardMessage[];
  readonly warnings: readonly CardMessage[];
}

type Data = Readonly<Record<string, unknown>>;
/** Gives what is wrong with the card, one sentence each. */
type Rule = (data: Data) => readonly string[];

/** Checks a README's front matter by the rules of its kind of repository. Never throws. */
export function validateCard(text: string, repoType: RepoType): CardReport {
  const { data, problem } = parseCard(text);
  if (problem !== undefined) return report([`Invalid YAML metadata: ${problem}`], []);
  if (data === undefined) return report([], ["empty or missing yaml metadata in repo card"]);
  return report(
    ERROR_RULES[repoType].flatMap((rule) => rule(data)),
    WARNING_RULES[repoType].flatMap((rule) => rule(data)),
  );
}

function report(errors: readonly string[], warnings: readonly string[]): CardReport {
  return {
    errors: errors.map((message) => ({ message })),
    warnings: warnings.map((message) => ({ message })),
  };
}

const COLORS = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"];

const COMMON: readonly Rule[] = [license, language, stringList("tags"), baseModel];

const ERROR_RULES: Readonly<Record<RepoType, readonly Rule[]>> = {
  model: [
    ...COMMON,
    oneOf("pipeline_tag", Object.keys(PIPELINE_DATA)),
    text("library_name"),
    stringList("datasets"),
    stringList("metrics"),
    oneOf("base_model_relation", ["finetune", "adapter", "merge", "quantized"]),
    modelIndex,
  ],
  dataset: [
    ...COMMON,
    text("pretty_name"),
    stringList("task_categories"),
    stringList("task_ids"),
    stringList("size_categories"),
    stringList("annotations_creators"),
    stringList("language_creators"),
    stringList("multilinguality"),
    stringList("source_datasets"),
    configs,
  ],
  space: [
    ...COMMON,
    oneOf("colorFrom", COLORS),
    oneOf("colorTo", COLORS),
    oneOf("sdk", ["gradio", "docker", "static", "streamlit"]),
    stringList("models"),
    stringList("datasets"),
  ],
};

const WARNING_RULES: Readonly<Record<RepoType, readonly Rule[]>> = {
  model: [known("library_name", ALL_MODEL_LIBRARY_KEYS)],
  dataset: [known("task_categories", Object.keys(PIPELINE_DATA))],
  space: [],
};

/** A value or a list of values, as a list. */
export function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The strings of a value that may be a string or a list. */
export function asStrings(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === "string" && item !== "");
}

function text(key: string): Rule {
  return (data) =>
    data[key] === undefined || data[key] === null || typeof data[key] === "string"
      ? []
      : [`"${key}" must be a string`];
}

function stringList(key: string): Rule {
  return (data) => {
    const value = data[key];
    if (value === undefined || value === null || typeof value === "string") return [];
    if (!Array.isArray(value)) return [`"${key}" must be an array`];
    const bad = value.findIndex((item) => typeof item !== "string");
    return bad === -1 ? [] : [`"${key}[${bad}]" must be a string`];
  };
}

function oneOf(key: string, allowed: readonly string[]): Rule {
  return (data) => {
    const value = data[key];
    if (value === undefined || value === null) return [];
    if (typeof value === "string" && allowed.includes(value)) return [];
    return [`"${key}" must be one of [${allowed.join(", ")}]`];
  };
}

function known(key: string, names: readonly string[]): Rule {
  return (data) =>
    asStrings(data[key])
      .filter((name) => !names.includes(name))
      .map((name) => `"${key}": "${name}" is not a known value`);
}

function license(data: Data): readonly string[] {
  const ids = asList(data["license"]);
  const bad = ids.filter((id) => typeof id !== "string" || !Object.hasOwn(LICENSES, id));
  if (bad.length > 0) return [`"license" must be one of [${Object.keys(LICENSES).join(", ")}]`];
  return ids.includes("other") && typeof data["license_name"] !== "string"
    ? ['"license_name" is required when "license" is "other"']
    : [];
}

/** ISO 639 with optional BCP 47 subtags, and the two names that stand for more than one language. */
const LANGUAGE = /^(?:[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*|multilingual|code)$/;

function language(data: Data): readonly string[] {
  return asList(data["language"])
    .filter((item) => typeof item !== "string" || !LANGUAGE.test(item))
    .map(
      (item) =>
        `"language" must be an ISO 639 or BCP 47 code such as "en", got ${JSON.stringify(item)}`,
    );
}

const REPO_ID = /^(?:[A-Za-z0-9_][\w.-]{0,95}\/)?[A-Za-z0-9_][\w.-]{0,95}$/;

function baseModel(data: Data): readonly string[] {
  return asList(data["base_model"])
    .filter((item) => typeof item !== "string" || !REPO_ID.test(item))
    .map(
      (item) => `"base_model" must be a model id such as "ada/bert", got ${JSON.stringify(item)}`,
    );
}

function modelIndex(data: Data): readonly string[] {
  const index = data["model-index"];
  if (index === undefined || index === null) return [];
  if (!Array.isArray(index)) return ['"model-index" must be an array'];
  return index.flatMap((model: unknown, at) => modelIndexEntry(model, `model-index[${at}]`));
}

function modelIndexEntry(model: unknown, path: string): readonly string[] {
  if (!isObject(model)) return [`"${path}" must be of type object`];
  const problems: string[] = [];
  if (typeof model["name"] !== "string") problems.push(`"${path}.name" is required`);
  const results = model["results"];
  if (!Array.isArray(results)) return [...problems, `"${path}.results" must be an array`];
  return [...problems, ...results.flatMap((item, at) => result(item, `${path}.results[${at}]`))];
}

function result(item: unknown, path: string): readonly string[] {
  if (!isObject(item)) return [`"${path}" must be of type object`];
  const problems: string[] = [];
  const { task, metrics } = item;
  if (!isObject(task) || typeof task["type"] !== "string") {
    problems.push(`"${path}.task.type" is required`);
  }
  if (!Array.isArray(metrics)) return [...problems, `"${path}.metrics" must be an array`];
  metrics.forEach((metric: unknown, at) => {
    if (!isObject(metric) || typeof metric["type"] !== "string" || metric["value"] === undefined) {
      problems.push(`"${path}.metrics[${at}]" must have "type" and "value"`);
    }
  });
  return problems;
}

function configs(data: Data): readonly string[] {
  const value = data["configs"];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return ['"configs" must be an array'];
  return value.flatMap((config: unknown, at) => {
    if (!isObject(config)) return [`"configs[${at}]" must be of type object`];
    if (typeof config["config_name"] !== "string") {
      return [`"configs[${at}].config_name" is required`];
    }
    return dataFiles(config["data_files"], `configs[${at}].data_files`);
  });
}

function dataFiles(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null || typeof value === "string") return [];
  if (!Array.isArray(value)) return [`"${path}" must be a string or an array`];
  return value.flatMap((item: unknown, at) => {
    if (typeof item === "string") return [];
    if (!isObject(item)) return [`"${path}[${at}]" must be a string or an object`];
    const paths = item["path"];
    return typeof paths === "string" || Array.isArray(paths)
      ? []
      : [`"${path}[${at}].path" must be a string or an array`];
  });
}
