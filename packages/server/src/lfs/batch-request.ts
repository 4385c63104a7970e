import { isObject, parseArray, parseObject, parseOneOf } from "@bearhug/core";
import { HubError } from "../http/hub-error.ts";

const MAX_OBJECTS = 1000;

export interface BatchObject {
  readonly oid: string;
  readonly size: number;
  /** Why it cannot be served, whatever is stored. */
  readonly fault?: string;
}

export interface BatchRequest {
  readonly operation: "upload" | "download";
  /** What the client can do; `basic` goes without saying. */
  readonly transfers: ReadonlySet<string>;
  readonly objects: readonly BatchObject[];
  /** Branch that the upload is for. */
  readonly branch: string;
}

/**
 * Reads the body of a batch request.
 *
 * @throws {TypeError} naming the bad field. @throws {HubError} 409 another hash than sha256, 413 too many objects.
 */
export function parseBatchRequest(value: unknown): BatchRequest {
  const body = parseObject(value, "body");
  const operation = parseOneOf(body["operation"], "operation", ["upload", "download"]);
  const algorithm = body["hash_algo"] ?? "sha256";
  if (algorithm !== "sha256" && algorithm !== "sha_256") {
    throw new HubError(409, "Conflict", { message: "Only the hash algorithm sha256 is supported" });
  }
  const objects = parseArray(body["objects"], "objects");
  if (objects.length > MAX_OBJECTS) {
    throw new HubError(413, "PayloadTooLarge", {
      message: `A batch has at most ${MAX_OBJECTS} objects, got ${objects.length}`,
    });
  }
  const transfers =
    body["transfers"] === undefined ? [] : parseArray(body["transfers"], "transfers");
  return {
    operation,
    transfers: new Set(transfers.map(String)),
    objects: objects.map((object, index) => parseBatchObject(object, `objects[${index}]`)),
    branch: branchOf(body["ref"]),
  };
}

function parseBatchObject(value: unknown, path: string): BatchObject {
  const { oid, size } = parseObject(value, path);
  const isOid = typeof oid === "string" && /^[0-9a-f]{64}$/.test(oid);
  const isSize = typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
  if (isOid && isSize) return { oid, size };
  const fault = isOid
    ? "size must be an integer of 0 or more"
    : "oid must be a sha256 in lower case";
  // The client finds its object by what it sent.
  return { oid: typeof oid === "string" ? oid : "", size: isSize ? size : 0, fault };
}

function branchOf(ref: unknown): string {
  const name = isObject(ref) ? ref["name"] : undefined;
  if (typeof name !== "string" || name === "") return "main";
  return name.replace(/^refs\/heads\//, "");
}
