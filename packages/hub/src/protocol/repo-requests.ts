import {
  isObject,
  optional,
  parseArray,
  parseBoolean,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import type { RepoType } from "../repo-id.ts";
import type { GatedJson } from "./repo-info.ts";
import { REPO_TYPES } from "./repo-paths.ts";

/** Body of `POST /api/repos/create`. */
export interface CreateRepoJson {
  readonly name: string;
  readonly organization?: string | null;
  /** Left out for models by Python. */
  readonly type?: RepoType;
  readonly visibility?: "public" | "private" | "protected";
  readonly private?: boolean;
  readonly license?: string;
  readonly sdk?: string;
  readonly files?: readonly { path: string; content: string; encoding: "base64" }[];
}

/** Reply of `POST /api/repos/create`; `url` comes with 409 too. */
export interface CreatedRepoJson {
  readonly url: string;
  readonly name: string;
  readonly id: string;
}

/** Body of `DELETE /api/repos/delete`. */
export interface DeleteRepoJson {
  readonly name: string;
  readonly organization?: string | null;
  readonly type?: RepoType;
}

/** Body of `POST /api/repos/move`. */
export interface MoveRepoJson {
  readonly fromRepo: string;
  readonly toRepo: string;
  readonly type?: RepoType;
}

/** Body of `PUT /api/{T}/{id}/settings`. */
export interface RepoSettingsJson {
  readonly private?: boolean;
  readonly visibility?: "public" | "private" | "protected";
  readonly gated?: GatedJson;
}

export interface CreateRepoRequest {
  readonly type: RepoType;
  readonly owner: string | undefined;
  readonly name: string;
  readonly private: boolean;
  readonly license: string | undefined;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** @throws {TypeError} naming the bad field. */
export function parseCreateRepo(value: unknown): CreateRepoRequest {
  const body = parseObject(value, "body");
  const { owner, name } = splitName(body);
  return {
    type: parseType(body["type"]),
    owner,
    name,
    private: parsePrivate(body) ?? false,
    license: optional(body["license"], "license", parseString),
    files: (optional(body["files"], "files", parseArray) ?? []).map(parseInitialFile),
  };
}

export interface RepoReference {
  readonly type: RepoType;
  readonly owner: string | undefined;
  readonly name: string;
}

/** @throws {TypeError} naming the bad field. */
export function parseDeleteRepo(value: unknown): RepoReference {
  const body = parseObject(value, "body");
  return { type: parseType(body["type"]), ...splitName(body) };
}

/** @throws {TypeError} naming the bad field. */
export function parseMoveRepo(value: unknown): {
  readonly type: RepoType;
  readonly from: string;
  readonly to: string;
} {
  const body = parseObject(value, "body");
  return {
    type: parseType(body["type"]),
    from: parseString(body["fromRepo"], "fromRepo"),
    to: parseString(body["toRepo"], "toRepo"),
  };
}

/** @throws {TypeError} naming the bad field. */
export function parseRepoSettings(value: unknown): {
  readonly private: boolean | undefined;
  readonly gated: GatedJson | undefined;
} {
  const body = parseObject(value, "body");
  const gated = body["gated"];
  return {
    private: parsePrivate(body),
    gated:
      gated === undefined || gated === false
        ? gated
        : parseOneOf(gated, "gated", ["auto", "manual"]),
  };
}

function parseType(value: unknown): RepoType {
  return optional(value, "type", (item, path) => parseOneOf(item, path, REPO_TYPES)) ?? "model";
}

function parsePrivate(body: Readonly<Record<string, unknown>>): boolean | undefined {
  const visibility = optional(body["visibility"], "visibility", (item, path) =>
    parseOneOf(item, path, ["public", "private", "protected"]),
  );
  if (visibility !== undefined) return visibility !== "public";
  return optional(body["private"], "private", parseBoolean);
}

/** Older clients send `owner/name` as the name, newer ones an `organization` beside it. */
function splitName(body: Readonly<Record<string, unknown>>): {
  readonly owner: string | undefined;
  readonly name: string;
} {
  const name = parseString(body["name"], "name");
  const organization = optional(body["organization"], "organization", parseString);
  const slash = name.indexOf("/");
  if (slash === -1 || organization !== undefined) return { owner: organization, name };
  return { owner: name.slice(0, slash), name: name.slice(slash + 1) };
}

function parseInitialFile(value: unknown, index: number): { path: string; content: string } {
  const path = `files[${index}]`;
  if (!isObject(value)) throw new TypeError(`${path} must be an object`);
  if (value["encoding"] !== undefined) {
    parseOneOf(value["encoding"], `${path}.encoding`, ["base64"]);
  }
  return {
    path: parseString(value["path"], `${path}.path`),
    content: parseString(value["content"], `${path}.content`),
  };
}
