import {
  fromBase64,
  optional,
  parseArray,
  parseInteger,
  parseJson,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";

/** A line of the NDJSON body of `POST …/commit/{rev}`; the header comes first. */
export type CommitLineJson =
  | {
      readonly key: "header";
      readonly value: {
        readonly summary: string;
        readonly description?: string;
        readonly parentCommit?: string;
      };
    }
  | {
      readonly key: "file";
      readonly value: {
        readonly path: string;
        readonly content: string;
        readonly encoding?: "base64" | "utf-8";
      };
    }
  | {
      readonly key: "lfsFile";
      readonly value: {
        readonly path: string;
        readonly algo: "sha256";
        readonly oid: string;
        readonly size?: number;
      };
    }
  | { readonly key: "deletedFile"; readonly value: { readonly path: string } }
  | { readonly key: "deletedFolder"; readonly value: { readonly path: string } };

/** Reply of `POST …/commit/{rev}`. */
export interface CommitResultJson {
  readonly success: true;
  readonly commitOid: string;
  readonly commitUrl: string;
  readonly hookOutput: string;
  readonly pullRequestUrl?: string;
}

/** A checked line, with a file's content decoded. */
export type CommitLine =
  | {
      readonly type: "header";
      readonly summary: string;
      readonly description: string | undefined;
      readonly parentCommit: string | undefined;
    }
  | { readonly type: "file"; readonly path: string; readonly content: Uint8Array }
  | {
      readonly type: "lfs-file";
      readonly path: string;
      readonly oid: string;
      readonly size: number | undefined;
    }
  | { readonly type: "deleted-file"; readonly path: string }
  | { readonly type: "deleted-folder"; readonly path: string };

/** @throws {TypeError | SyntaxError} naming the bad field. */
export function parseCommitLine(text: string): CommitLine {
  const line = parseObject(parseJson(text, "line"), "line");
  const key = parseOneOf(line["key"], "key", [
    "header",
    "file",
    "lfsFile",
    "deletedFile",
    "deletedFolder",
  ]);
  const value = parseObject(line["value"], "value");
  if (key === "header") return parseHeaderLine(value);
  const path = parseString(value["path"], "value.path");
  if (key === "file") return { type: "file", path, content: parseContent(value) };
  if (key === "lfsFile") return { type: "lfs-file", path, ...parsePointer(value) };
  return { type: key === "deletedFile" ? "deleted-file" : "deleted-folder", path };
}

function parseHeaderLine(value: Readonly<Record<string, unknown>>): CommitLine {
  const parentCommit = optional(value["parentCommit"], "value.parentCommit", parseString);
  if (parentCommit !== undefined && !/^[0-9a-f]{40}$/.test(parentCommit)) {
    throw new TypeError(`value.parentCommit must be 40 hexadecimal digits, got "${parentCommit}"`);
  }
  return {
    type: "header",
    summary: parseString(value["summary"], "value.summary"),
    description: optional(value["description"], "value.description", parseString),
    parentCommit,
  };
}

function parseContent(value: Readonly<Record<string, unknown>>): Uint8Array {
  const content = parseString(value["content"], "value.content");
  const encoding =
    optional(value["encoding"], "value.encoding", (item, path) =>
      parseOneOf(item, path, ["base64", "utf-8"]),
    ) ?? "utf-8";
  return encoding === "base64" ? fromBase64(content) : new TextEncoder().encode(content);
}

function parsePointer(value: Readonly<Record<string, unknown>>): {
  readonly oid: string;
  readonly size: number | undefined;
} {
  optional(value["algo"], "value.algo", (item, path) => parseOneOf(item, path, ["sha256"]));
  return {
    oid: parseSha256(value["oid"], "value.oid"),
    size: optional(value["size"], "value.size", (item, path) =>
      parseInteger(item, path, { min: 0 }),
    ),
  };
}

function parseSha256(value: unknown, path: string): string {
  const text = parseString(value, path);
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new TypeError(`${path} must be 64 hexadecimal digits, got "${text.slice(0, 80)}"`);
  }
  return text;
}

/** Body of `POST …/preupload/{rev}`. */
export interface PreuploadRequestJson {
  readonly files: readonly {
    readonly path: string;
    /** Base64 of the first 512 bytes. */
    readonly sample: string;
    readonly size: number;
  }[];
  readonly gitIgnore?: string;
  readonly gitAttributes?: string;
}

/** Reply of `POST …/preupload/{rev}`. */
export interface PreuploadResultJson {
  readonly files: readonly {
    readonly path: string;
    readonly uploadMode: "lfs" | "regular";
    readonly shouldIgnore: boolean;
    /** What the repository has at that path now: sha256 for LFS, Git blob id else. */
    readonly oid?: string | null;
  }[];
}

export interface PreuploadRequest {
  readonly files: readonly {
    readonly path: string;
    readonly sample: Uint8Array;
    readonly size: number;
  }[];
  readonly gitIgnore: string | undefined;
  readonly gitAttributes: string | undefined;
}

/** @throws {TypeError | SyntaxError} naming the bad field. */
export function parsePreupload(value: unknown): PreuploadRequest {
  const body = parseObject(value, "body");
  return {
    files: parseArray(body["files"], "files").map((item, index) => {
      const path = `files[${index}]`;
      const file = parseObject(item, path);
      return {
        path: parseString(file["path"], `${path}.path`),
        sample: fromBase64(optional(file["sample"], `${path}.sample`, parseString) ?? ""),
        size: parseInteger(file["size"], `${path}.size`, { min: 0 }),
      };
    }),
    gitIgnore: optional(body["gitIgnore"], "gitIgnore", parseString),
    gitAttributes: optional(body["gitAttributes"], "gitAttributes", parseString),
  };
}
