import { isObject } from "@bearhug/core";
import {
  ALL_MODEL_LIBRARY_KEYS,
  LIBRARY_TASK_MAPPING,
  PIPELINE_DATA,
  PIPELINE_TYPES_SET,
} from "@huggingface/tasks";
import { asStrings } from "../cards.ts";
import type { RepositoryFiles } from "./repository-files.ts";

type Data = Readonly<Record<string, unknown>>;

export interface ModelFacts {
  readonly card: Data;
  readonly files: RepositoryFiles;
  /** `config.json`, as it is. */
  readonly config: Data | undefined;
  readonly tokenizerConfig: Data | undefined;
  /** Class of a diffusers pipeline, from `model_index.json`. */
  readonly pipelineClass: string | undefined;
}

export async function readModelFacts(card: Data, files: RepositoryFiles): Promise<ModelFacts> {
  const index = await files.json("model_index.json");
  const pipelineClass = index?.["_class_name"];
  return {
    card,
    files,
    config: await files.json("config.json"),
    tokenizerConfig: await files.json("tokenizer_config.json", 8 * 1024 * 1024),
    pipelineClass: typeof pipelineClass === "string" ? pipelineClass : undefined,
  };
}

/** Files that tell a library, most telling first. */
const LIBRARY_FILES: readonly (readonly [path: string, library: string])[] = [
  ["modules.json", "sentence-transformers"],
  ["config_sentence_transformers.json", "sentence-transformers"],
  ["model_index.json", "diffusers"],
  ["adapter_config.json", "peft"],
  ["config_setfit.json", "setfit"],
  ["sklearn_model.joblib", "sklearn"],
  ["open_clip_config.json", "open_clip"],
  ["fasttext.bin", "fasttext"],
];

/** The card's library, else a tag that is one, else what the files tell. */
export function libraryName({ card, files, config }: ModelFacts): string | undefined {
  const named = card["library_name"];
  if (typeof named === "string" && named !== "") return named;
  const libraries: readonly string[] = ALL_MODEL_LIBRARY_KEYS;
  const tagged = asStrings(card["tags"]).find((tag) => libraries.includes(tag));
  if (tagged !== undefined) return tagged;
  const byFile = LIBRARY_FILES.find(([path]) => files.has(path));
  if (byFile) return byFile[1];
  if (files.files.some((file) => file.path.endsWith(".nemo"))) return "nemo";
  if (files.has("hyperparams.yaml") && files.has("label_encoder.ckpt")) return "speechbrain";
  if (config?.["model_type"] !== undefined || Array.isArray(config?.["architectures"])) {
    return "transformers";
  }
  return files.has("meta.json") && files.has("config.cfg") ? "spacy" : undefined;
}

/** Endings of architecture names, with their tasks. */
const ARCHITECTURE_TASKS: readonly (readonly [ending: string, task: string])[] = [
  ["ForCausalLM", "text-generation"],
  ["LMHeadModel", "text-generation"],
  ["ForSequenceClassification", "text-classification"],
  ["ForTokenClassification", "token-classification"],
  ["ForQuestionAnswering", "question-answering"],
  ["ForMaskedLM", "fill-mask"],
  ["ForImageClassification", "image-classification"],
  ["ForObjectDetection", "object-detection"],
  ["ForSemanticSegmentation", "image-segmentation"],
  ["ForUniversalSegmentation", "image-segmentation"],
  ["ForAudioClassification", "audio-classification"],
  ["ForVideoClassification", "video-classification"],
  ["ForDepthEstimation", "depth-estimation"],
  ["ForCTC", "automatic-speech-recognition"],
  ["ForSpeechSeq2Seq", "automatic-speech-recognition"],
];

const SPEECH_TYPES = new Set(["whisper", "speech_to_text", "moonshine", "seamless_m4t"]);
const SEQ2SEQ_TYPES = new Set(["bart", "t5", "mt5", "pegasus", "mbart", "m2m_100", "marian"]);

/** The card's task, else a tag that is one, else what the architecture or the library tells. */
export function pipelineTag(facts: ModelFacts, library: string | undefined): string | undefined {
  const named = facts.card["pipeline_tag"];
  if (typeof named === "string" && named !== "") return named;
  const tags = new Set(asStrings(facts.card["tags"]));
  const tagged = Object.keys(PIPELINE_DATA).find((task) => tags.has(task));
  if (tagged !== undefined) return tagged;
  if (library === "sentence-transformers") return "sentence-similarity";
  return diffusersTask(facts.pipelineClass) ?? taskOfConfig(facts.config) ?? libraryTask(library);
}

function diffusersTask(pipelineClass: string | undefined): string | undefined {
  if (pipelineClass === undefined) return undefined;
  if (/Img2Img|ImageToImage|Inpaint|Upscale|Edit/.test(pipelineClass)) return "image-to-image";
  if (/ImageToVideo|VideoDiffusion/.test(pipelineClass)) return "image-to-video";
  if (/Video/.test(pipelineClass)) return "text-to-video";
  if (/Audio|Music/.test(pipelineClass)) return "text-to-audio";
  return "text-to-image";
}

function taskOfConfig(config: Data | undefined): string | undefined {
  for (const architecture of asStrings(config?.["architectures"])) {
    const found = ARCHITECTURE_TASKS.find(([ending]) => architecture.endsWith(ending));
    if (found) return found[1];
    if (architecture.endsWith("ForConditionalGeneration")) return conditionalTask(config);
  }
  return undefined;
}

/** One class name serves many tasks: the model type and the task's own parameters decide. */
function conditionalTask(config: Data | undefined): string | undefined {
  const type = String(config?.["model_type"] ?? "");
  if (SPEECH_TYPES.has(type)) return "automatic-speech-recognition";
  if (config?.["vision_config"] !== undefined) return "image-text-to-text";
  const specific = config?.["task_specific_params"];
  const names = isObject(specific) ? Object.keys(specific) : [];
  if (names.some((name) => name.startsWith("summarization"))) return "summarization";
  if (names.some((name) => name.startsWith("translation"))) return "translation";
  if (type === "marian" || type === "m2m_100") return "translation";
  return SEQ2SEQ_TYPES.has(type) ? "summarization" : undefined;
}

function libraryTask(library: string | undefined): string | undefined {
  const mapping: Readonly<Record<string, readonly string[] | undefined>> = LIBRARY_TASK_MAPPING;
  const tasks = library === undefined || library === "transformers" ? undefined : mapping[library];
  return tasks?.length === 1 ? tasks[0] : undefined;
}

const TOKEN_KEYS = [
  "bos_token",
  "cls_token",
  "eos_token",
  "mask_token",
  "pad_token",
  "sep_token",
  "unk_token",
  "chat_template",
] as const;

const CONFIG_KEYS = ["architectures", "auto_map", "model_type", "quantization_config"] as const;

/** What replies show of `config.json` and `tokenizer_config.json`. */
export async function publicConfig(facts: ModelFacts): Promise<Data | undefined> {
  const { config, tokenizerConfig, files } = facts;
  const template = await files.text("chat_template.jinja", 1024 * 1024);
  const adapter = await files.json("adapter_config.json");
  const out: Record<string, unknown> = pick(config, CONFIG_KEYS);
  const tokens = pick(tokenizerConfig, TOKEN_KEYS);
  if (Object.keys(tokens).length > 0) out["tokenizer_config"] = tokens;
  if (template !== undefined) out["chat_template_jinja"] = template;
  if (facts.pipelineClass) out["diffusers"] = { _class_name: facts.pipelineClass };
  if (adapter) out["peft"] = pick(adapter, ["base_model_name_or_path", "task_type"]);
  return Object.keys(out).length > 0 ? out : undefined;
}

function pick(source: Data | undefined, keys: readonly string[]): Record<string, unknown> {
  const found = keys.filter((key) => source?.[key] !== undefined && source[key] !== null);
  return Object.fromEntries(found.map((key) => [key, source?.[key]]));
}

/** Whether `tag` names a task. */
export function isTask(tag: string): boolean {
  return (PIPELINE_TYPES_SET as ReadonlySet<string>).has(tag);
}
