import { asStrings } from "../cards.ts";
import type { ModelFacts } from "./model-metadata.ts";
import type { RepositoryFiles } from "./repository-files.ts";

type Data = Readonly<Record<string, unknown>>;

/** Most tags that one repository keeps. */
const MAX_TAGS = 1000;
const MAX_TAG_LENGTH = 300;

/** Formats and frameworks, by their files. */
const FILE_TAGS: readonly (readonly [tag: string, pattern: RegExp])[] = [
  ["pytorch", /(?:^|\/)pytorch_model[^/]*\.bin$|(?:^|\/)adapter_model\.bin$|\.pth?$/],
  ["tf", /(?:^|\/)tf_model[^/]*\.h5$/],
  ["jax", /(?:^|\/)flax_model[^/]*\.msgpack$/],
  ["rust", /(?:^|\/)rust_model\.ot$/],
  ["onnx", /\.onnx$/],
  ["safetensors", /\.safetensors$/],
  ["gguf", /\.gguf$/],
  ["tensorboard", /tfevents/],
  ["openvino", /(?:^|\/)openvino_model[^/]*\.(?:bin|xml)$/],
  ["coreml", /\.mlmodel$|\.mlpackage\//],
  ["tflite", /\.tflite$/],
  ["keras", /\.keras$|(?:^|\/)saved_model\.pb$/],
];

export interface DerivedModel {
  readonly library: string | undefined;
  readonly task: string | undefined;
}

/** Tags of a model, in the order in which replies show them. */
export function modelTags(facts: ModelFacts, readme: string, derived: DerivedModel): string[] {
  const { card, config, files } = facts;
  const { library, task } = derived;
  const type = config?.["model_type"];
  return tidy([
    library,
    ...FILE_TAGS.filter(([, pattern]) => files.files.some((file) => pattern.test(file.path))).map(
      ([tag]) => tag,
    ),
    typeof type === "string" ? type : undefined,
    task,
    ...asStrings(card["tags"]),
    isConversational(facts, task) ? "conversational" : undefined,
    config?.["auto_map"] === undefined ? undefined : "custom_code",
    Array.isArray(card["model-index"]) ? "model-index" : undefined,
    ...asStrings(card["language"]),
    ...prefixed("dataset", card["datasets"]),
    ...arxivTags(readme),
    ...baseModelTags(card, files),
    ...prefixed("license", card["license"]),
  ]);
}

const DATASET_KEYS = [
  "task_categories",
  "task_ids",
  "annotations_creators",
  "language_creators",
  "multilinguality",
  "source_datasets",
  "language",
  "license",
  "size_categories",
] as const;

const DATASET_FORMATS: readonly (readonly [format: string, pattern: RegExp])[] = [
  ["parquet", /\.parquet$/],
  ["arrow", /\.arrow$/],
  ["csv", /\.csv(?:\.gz|\.zst)?$|\.tsv$/],
  ["json", /\.jsonl?(?:\.gz|\.zst)?$|\.ndjson$/],
  ["webdataset", /\.tar$/],
  ["imagefolder", /\.(?:jpe?g|png|webp|gif|bmp|tiff?)$/i],
  ["audiofolder", /\.(?:wav|mp3|flac|ogg)$/i],
  ["text", /\.txt$/],
];

/** Files at the root that describe a dataset and are not its data. */
const DATASET_EXTRAS = /(?:^|\/)(?:dataset_infos?|dataset_dict|state|config|\.[^/]*)\.json$/;

/** Tags of a dataset: the card's fields under their names, then what the files tell. */
export function datasetTags(card: Data, files: RepositoryFiles, readme: string): string[] {
  const data = files.files.filter((file) => !DATASET_EXTRAS.test(file.path));
  const format = DATASET_FORMATS.map(([name, pattern]) => ({
    name,
    count: data.filter((file) => pattern.test(file.path)).length,
  })).sort((a, b) => b.count - a.count)[0];
  const name = format && format.count > 0 ? format.name : undefined;
  return tidy([
    ...DATASET_KEYS.flatMap((key) => prefixed(key, card[key])),
    ...(name === undefined ? [] : [`format:${name}`, ...modalities(name)]),
    ...(name === undefined ? [] : ["library:datasets"]),
    ...asStrings(card["modalities"]).map((modality) => `modality:${modality.toLowerCase()}`),
    ...arxivTags(readme),
    ...asStrings(card["tags"]),
  ]);
}

function modalities(format: string): readonly string[] {
  if (format === "imagefolder") return ["modality:image"];
  if (format === "audiofolder") return ["modality:audio"];
  return format === "text" ? ["modality:text"] : [];
}

/** Tags of a Space. */
export function spaceTags(card: Data): string[] {
  return tidy([...asStrings(card["sdk"]), ...asStrings(card["tags"])]);
}

function isConversational({ config, tokenizerConfig, files }: ModelFacts, task?: string): boolean {
  const generates = task === "text-generation" || task === "image-text-to-text";
  const hasTemplate =
    tokenizerConfig?.["chat_template"] !== undefined ||
    config?.["chat_template"] !== undefined ||
    files.has("chat_template.jinja");
  return generates && hasTemplate;
}

function baseModelTags(card: Data, files: RepositoryFiles): readonly string[] {
  const bases = asStrings(card["base_model"]);
  const named = card["base_model_relation"];
  const relation = typeof named === "string" ? named : guessRelation(files, bases.length);
  return bases.flatMap((base) => [`base_model:${base}`, `base_model:${relation}:${base}`]);
}

function guessRelation(files: RepositoryFiles, bases: number): string {
  if (files.has("adapter_config.json")) return "adapter";
  if (files.files.some((file) => file.path.endsWith(".gguf"))) return "quantized";
  return bases > 1 ? "merge" : "finetune";
}

function arxivTags(readme: string): readonly string[] {
  const links = readme.matchAll(/arxiv\.org\/(?:abs|pdf)\/(\d{4}\.\d{4,5})/gi);
  return [...links].map((link) => `arxiv:${link[1]}`);
}

function prefixed(prefix: string, value: unknown): readonly string[] {
  return asStrings(value).map((item) => `${prefix}:${item}`);
}

/** Each once, in order, without what no tag can be. */
function tidy(tags: readonly (string | undefined)[]): string[] {
  const kept = tags.filter(
    (tag): tag is string => tag !== undefined && tag !== "" && tag.length <= MAX_TAG_LENGTH,
  );
  return [...new Set(kept)].slice(0, MAX_TAGS);
}
