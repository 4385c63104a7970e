import {
  isObject,
  type JsonObject,
  optional,
  parseArray,
  parseBoolean,
  parseInteger,
  parseNumber,
  parseObject,
  parseOneOf,
  parseString,
  parseStrings,
} from "@bearhug/core";
import type { Connection } from "../connection.ts";
import { parseRepoId, type RepoId, type RepoType, repoApiPath, repoPath } from "../repo-id.ts";
import { requestJson } from "../request.ts";

/** What the Hub tells of a repository. What is absent was not asked for, or the Hub has it not. */
export interface RepoInfo {
  readonly type: RepoType;
  /** `"owner/name"`. */
  readonly id: string;
  readonly author?: string | undefined;
  /** Commit of the revision that was asked for. */
  readonly sha?: string | undefined;
  readonly private?: boolean | undefined;
  readonly gated?: false | "auto" | "manual" | undefined;
  readonly disabled?: boolean | undefined;
  readonly downloads?: number | undefined;
  readonly likes?: number | undefined;
  readonly trendingScore?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly pipelineTag?: string | undefined;
  readonly libraryName?: string | undefined;
  readonly createdAt?: Date | undefined;
  readonly lastModified?: Date | undefined;
  /** Front matter of the card, as data. */
  readonly cardData?: JsonObject | undefined;
  readonly config?: JsonObject | undefined;
  readonly description?: string | undefined;
  readonly safetensors?: SafetensorsInfo | undefined;
  readonly siblings?: readonly RepoSibling[] | undefined;
  /** Bytes. */
  readonly usedStorage?: number | undefined;
  /** The reply as it came, for fields that have no name here. */
  readonly raw: JsonObject;
}

export interface SafetensorsInfo {
  /** Number of parameters by dtype, under the format's names (`F32`, `BF16`). */
  readonly parameters: Readonly<Record<string, number>>;
  readonly total: number;
}

export interface RepoSibling {
  readonly path: string;
  readonly size?: number | undefined;
  readonly oid?: string | undefined;
  /** sha256 of the content of a large file. */
  readonly sha256?: string | undefined;
}

export interface RepoInfoOptions {
  /** Adds sizes and hashes to `siblings`. Default false. */
  readonly files?: boolean | undefined;
  /** Only these fields, under the Hub's names. */
  readonly expand?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Metadata of a repository, at the revision that `id` names or at the head of `main`. */
export async function repoInfo(
  connection: Connection,
  id: RepoId,
  { files, expand, signal }: RepoInfoOptions = {},
): Promise<RepoInfo> {
  const repo = parseRepoId(id);
  const revision = repo.revision ? `/revision/${encodeURIComponent(repo.revision)}` : "";
  const reply = await requestJson(connection, {
    path: repoApiPath(repo) + revision,
    action: `read about "${repoPath(repo)}"`,
    query: { blobs: files || undefined, expand },
    repo,
    signal,
  });
  return parseRepoInfo(reply, repo.type);
}

export function parseRepoInfo(value: unknown, type: RepoType): RepoInfo {
  const raw = parseObject(value, "repository");
  return {
    type,
    id: parseString(raw["id"], "id"),
    author: optional(raw["author"], "author", parseString),
    sha: optional(raw["sha"], "sha", parseString),
    private: optional(raw["private"], "private", parseBoolean),
    gated: optional(raw["gated"], "gated", parseGated),
    disabled: optional(raw["disabled"], "disabled", parseBoolean),
    downloads: optional(raw["downloads"], "downloads", parseNumber),
    likes: optional(raw["likes"], "likes", parseNumber),
    trendingScore: optional(raw["trendingScore"], "trendingScore", parseNumber),
    tags: optional(raw["tags"], "tags", parseStrings),
    pipelineTag: optional(raw["pipeline_tag"], "pipeline_tag", parseString),
    libraryName: optional(raw["library_name"], "library_name", parseString),
    createdAt: optional(raw["createdAt"], "createdAt", parseDate),
    lastModified: optional(raw["lastModified"], "lastModified", parseDate),
    cardData: optional(raw["cardData"], "cardData", parseObject),
    config: optional(raw["config"], "config", parseObject),
    description: optional(raw["description"], "description", parseString),
    safetensors: optional(raw["safetensors"], "safetensors", parseSafetensors),
    siblings: optional(raw["siblings"], "siblings", parseSiblings),
    usedStorage: optional(raw["usedStorage"], "usedStorage", parseNumber),
    raw,
  };
}

function parseGated(value: unknown, path: string): false | "auto" | "manual" {
  return value === false ? false : parseOneOf(value, path, ["auto", "manual"]);
}

/** @throws {TypeError} when `value` is not a date in ISO 8601. */
export function parseDate(value: unknown, path: string): Date {
  const date = new Date(parseString(value, path));
  if (Number.isNaN(date.getTime())) throw new TypeError(`${path} must be a date, got "${value}"`);
  return date;
}

function parseSafetensors(value: unknown, path: string): SafetensorsInfo {
  const object = parseObject(value, path);
  const parameters = Object.entries(parseObject(object["parameters"], `${path}.parameters`));
  return {
    total: parseNumber(object["total"], `${path}.total`),
    parameters: Object.fromEntries(
      parameters.map(([name, count]) => [name, parseNumber(count, `${path}.parameters.${name}`)]),
    ),
  };
}

function parseSiblings(value: unknown, path: string): readonly RepoSibling[] {
  return parseArray(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    const sibling = parseObject(item, at);
    const lfs = isObject(sibling["lfs"]) ? sibling["lfs"] : {};
    return {
      path: parseString(sibling["rfilename"], `${at}.rfilename`),
      size: optional(sibling["size"], `${at}.size`, parseInteger),
      oid: optional(sibling["blobId"], `${at}.blobId`, parseString),
      sha256: optional(lfs["sha256"], `${at}.lfs.sha256`, parseString),
    };
  });
}
