/** One repository, as lists and info replies give it. Which keys are there depends on what was asked for. */
export interface RepoInfoJson {
  /** 24 hexadecimal digits. */
  readonly _id: string;
  /** `owner/name` */
  readonly id: string;
  /** The same as `id`; models only. */
  readonly modelId?: string;
  readonly author?: string;
  /** Commit of the revision that was asked for. */
  readonly sha?: string;
  readonly private?: boolean;
  readonly gated?: GatedJson;
  readonly disabled?: boolean;
  readonly likes?: number;
  readonly downloads?: number;
  readonly downloadsAllTime?: number;
  readonly trendingScore?: number;
  readonly tags?: readonly string[];
  readonly pipeline_tag?: string;
  readonly library_name?: string;
  readonly mask_token?: string;
  readonly createdAt?: string;
  readonly lastModified?: string;
  readonly cardData?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly "model-index"?: readonly unknown[] | null;
  readonly widgetData?: readonly unknown[];
  readonly transformersInfo?: TransformersInfoJson;
  readonly safetensors?: SafetensorsInfoJson;
  readonly siblings?: readonly SiblingJson[];
  readonly usedStorage?: number;
  readonly spaces?: readonly string[];
  readonly inferenceProviderMapping?: readonly unknown[];
  readonly baseModels?: unknown;
  readonly childrenModelCount?: Readonly<Record<string, number>>;
  readonly description?: string;
  readonly citation?: string;
  readonly mainSize?: number;
  readonly sdk?: string;
  readonly subdomain?: string;
  readonly runtime?: unknown;
  readonly models?: readonly string[];
  readonly datasets?: readonly string[];
}

export type GatedJson = false | "auto" | "manual";

export interface SafetensorsInfoJson {
  /** Parameters by the format's dtype names (`F32`, `BF16`). */
  readonly parameters: Readonly<Record<string, number>>;
  readonly total: number;
  readonly sharded?: boolean;
}

export interface TransformersInfoJson {
  readonly auto_model: string;
  readonly pipeline_tag?: string;
  readonly processor?: string;
  readonly custom_class?: string;
}

/** A file in `siblings`; all but the name only with `blobs=true`. */
export interface SiblingJson {
  readonly rfilename: string;
  readonly size?: number;
  readonly blobId?: string;
  readonly lfs?: { readonly sha256: string; readonly size: number; readonly pointerSize: number };
}

/** Names that `expand` accepts for models. */
export const MODEL_EXPAND: readonly string[] = [
  "author",
  "baseModels",
  "cardData",
  "childrenModelCount",
  "config",
  "createdAt",
  "disabled",
  "downloads",
  "downloadsAllTime",
  "evalResults",
  "gated",
  "gguf",
  "gitalyUid",
  "inference",
  "inferenceProviderMapping",
  "lastModified",
  "library_name",
  "likes",
  "mask_token",
  "model-index",
  "pipeline_tag",
  "private",
  "resourceGroup",
  "safetensors",
  "securityRepoStatus",
  "sha",
  "siblings",
  "spaces",
  "tags",
  "transformersInfo",
  "trendingScore",
  "usedStorage",
  "widgetData",
];

/** Names that `expand` accepts for datasets. */
export const DATASET_EXPAND: readonly string[] = [
  "author",
  "cardData",
  "citation",
  "createdAt",
  "description",
  "disabled",
  "downloads",
  "downloadsAllTime",
  "gated",
  "gitalyUid",
  "lastModified",
  "likes",
  "mainSize",
  "paperswithcode_id",
  "private",
  "resourceGroup",
  "sha",
  "siblings",
  "tags",
  "trendingScore",
  "usedStorage",
];

/** Names that `expand` accepts for Spaces. */
export const SPACE_EXPAND: readonly string[] = [
  "author",
  "cardData",
  "createdAt",
  "datasets",
  "disabled",
  "lastModified",
  "likes",
  "models",
  "private",
  "region",
  "resourceGroup",
  "runtime",
  "sdk",
  "sha",
  "siblings",
  "subdomain",
  "tags",
  "trendingScore",
  "usedStorage",
];
