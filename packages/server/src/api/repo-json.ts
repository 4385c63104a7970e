import {
  DATASET_EXPAND,
  MODEL_EXPAND,
  type RepoInfoJson,
  type RepoType,
  SPACE_EXPAND,
} from "@bearhug/hub/protocol";
import { asStrings } from "../services/cards.ts";
import type { RepoSummary } from "../services/services.ts";

const EXPAND: Readonly<Record<RepoType, readonly string[]>> = {
  model: MODEL_EXPAND,
  dataset: DATASET_EXPAND,
  space: SPACE_EXPAND,
};

/** What `expand` may name for this kind of repository. */
export function expandNames(type: RepoType): readonly string[] {
  return EXPAND[type];
}

/** Keys of a list item where the caller does not say. */
const LIST_KEYS: Readonly<Record<RepoType, readonly string[]>> = {
  model: [
    "modelId",
    "author",
    "private",
    "gated",
    "likes",
    "downloads",
    "trendingScore",
    "tags",
    "pipeline_tag",
    "library_name",
    "createdAt",
    "lastModified",
  ],
  dataset: [
    "author",
    "private",
    "gated",
    "disabled",
    "likes",
    "downloads",
    "trendingScore",
    "tags",
    "lastModified",
    "createdAt",
    "sha",
    "description",
  ],
  space: ["author", "sdk", "likes", "private", "tags", "lastModified", "createdAt", "sha"],
};

/** What a full reply about one repository holds; `siblings` come from Git and are added by the caller. */
const INFO_KEYS: Readonly<Record<RepoType, readonly string[]>> = {
  model: [
    ...LIST_KEYS.model,
    "disabled",
    "downloadsAllTime",
    "sha",
    "cardData",
    "config",
    "mask_token",
    "model-index",
    "safetensors",
    "spaces",
    "transformersInfo",
    "usedStorage",
    "widgetData",
  ],
  dataset: [...LIST_KEYS.dataset, "downloadsAllTime", "cardData", "citation", "usedStorage"],
  space: [
    ...LIST_KEYS.space,
    "disabled",
    "cardData",
    "models",
    "datasets",
    "subdomain",
    "usedStorage",
  ],
};

/** Keys of list and info replies that the index alone can answer. */
export type KeyGroup = "list" | "info";

export function keysOf(type: RepoType, group: KeyGroup): readonly string[] {
  return group === "list" ? LIST_KEYS[type] : INFO_KEYS[type];
}

/** A repository with the keys asked for; those it has no value for are left out. */
export function repoJson(summary: RepoSummary, keys: readonly string[]): RepoInfoJson {
  const out: Record<string, unknown> = { _id: summary.recordId, id: summary.id };
  for (const key of keys) {
    const value = VALUES[key]?.(summary);
    if (value !== undefined) out[key] = value;
  }
  // Every key was filled by the table below, which knows the shape.
  return out as unknown as RepoInfoJson;
}

const VALUES: Readonly<Record<string, ((repo: RepoSummary) => unknown) | undefined>> = {
  author: (repo) => repo.owner,
  baseModels: baseModels,
  cardData: (repo) => repo.cardData,
  childrenModelCount: () => ({}),
  config: (repo) => repo.config,
  createdAt: (repo) => repo.createdAt.toISOString(),
  datasets: (repo) => asStrings(repo.cardData?.["datasets"]),
  description: (repo) => repo.description,
  disabled: (repo) => repo.disabled,
  downloads: (repo) => repo.downloads,
  downloadsAllTime: (repo) => repo.downloads,
  gated: (repo) => repo.gated,
  inferenceProviderMapping: () => [],
  lastModified: (repo) => repo.lastModified.toISOString(),
  library_name: (repo) => repo.libraryName,
  likes: (repo) => repo.likes,
  mainSize: (repo) => repo.usedStorage,
  mask_token: maskToken,
  "model-index": (repo) => repo.cardData?.["model-index"],
  modelId: (repo) => repo.id,
  models: (repo) => asStrings(repo.cardData?.["models"]),
  pipeline_tag: (repo) => repo.pipelineTag,
  private: (repo) => repo.private,
  safetensors: (repo) => repo.safetensors,
  sdk: (repo) => repo.cardData?.["sdk"],
  securityRepoStatus: () => ({ scansDone: false, filesWithIssues: [] }),
  sha: (repo) => repo.sha,
  spaces: () => [],
  subdomain: (repo) => repo.id.replace("/", "-").toLowerCase(),
  tags: (repo) => repo.tags,
  transformersInfo: transformersInfo,
  trendingScore: (repo) => repo.likes,
  usedStorage: (repo) => repo.usedStorage,
  widgetData: (repo) => repo.cardData?.["widget"],
};

function baseModels(repo: RepoSummary): unknown {
  const models = asStrings(repo.cardData?.["base_model"]);
  if (models.length === 0) return undefined;
  const tag = repo.tags.find((item) => /^base_model:[a-z]+:/.test(item));
  return { relation: tag?.split(":")[1] ?? "finetune", models: models.map((id) => ({ id })) };
}

function maskToken(repo: RepoSummary): unknown {
  const named = repo.cardData?.["mask_token"];
  if (typeof named === "string") return named;
  const tokenizer = repo.config?.["tokenizer_config"];
  const token = isRecord(tokenizer) ? tokenizer["mask_token"] : undefined;
  return isRecord(token) ? token["content"] : token;
}

const AUTO_MODELS: Readonly<Record<string, string>> = {
  "text-generation": "AutoModelForCausalLM",
  "text-classification": "AutoModelForSequenceClassification",
  "token-classification": "AutoModelForTokenClassification",
  "question-answering": "AutoModelForQuestionAnswering",
  "fill-mask": "AutoModelForMaskedLM",
  summarization: "AutoModelForSeq2SeqLM",
  translation: "AutoModelForSeq2SeqLM",
  "image-classification": "AutoModelForImageClassification",
  "automatic-speech-recognition": "AutoModelForSpeechSeq2Seq",
};

function transformersInfo(repo: RepoSummary): unknown {
  if (repo.libraryName !== "transformers") return undefined;
  const task = repo.pipelineTag;
  return {
    auto_model: AUTO_MODELS[task ?? ""] ?? "AutoModel",
    ...(task && { pipeline_tag: task }),
    ...(repo.config?.["tokenizer_config"] ? { processor: "AutoTokenizer" } : {}),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
