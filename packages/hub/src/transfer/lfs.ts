import {
  isObject,
  mapConcurrent,
  optional,
  parseArray,
  parseInteger,
  parseJson,
  parseObject,
  parseOneOf,
  parseString,
} from "@bearhug/core";
import { streamsRequests } from "#platform";
import type { Connection } from "../connection.ts";
import { HubApiError } from "../errors.ts";
import { type Repo, repoPath } from "../repo-id.ts";
import { type HubRequest, request } from "../request.ts";
import { failedRequest } from "../response-error.ts";
import { chunksOf } from "./stream.ts";

const MEDIA_TYPE = "application/vnd.git-lfs+json";
const PARTS_AT_ONCE = 4;

export type LfsTransfer = "basic" | "multipart" | "xet";

/** What the server says to one object. Without `upload` it has the content already. */
export interface LfsObject {
  readonly oid: string;
  readonly size: number;
  readonly upload: LfsAction | undefined;
  readonly verify: LfsAction | undefined;
}

interface LfsAction {
  readonly href: string;
  readonly header: Readonly<Record<string, string>>;
}

/** Asks where, and how, to send objects. */
export async function lfsBatch(
  connection: Connection,
  {
    repo,
    objects,
    transfers,
  }: {
    readonly repo: Repo;
    readonly objects: readonly { readonly oid: string; readonly size: number }[];
    readonly transfers: readonly LfsTransfer[];
  },
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<{ readonly transfer: LfsTransfer; readonly objects: readonly LfsObject[] }> {
  const action = `upload large files to "${repoPath(repo)}"`;
  const ref = repo.revision ? { ref: { name: repo.revision } } : {};
  const response = await request(connection, {
    path: `/${repoPath(repo)}.git/info/lfs/objects/batch`,
    method: "POST",
    action,
    headers: { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE },
    body: JSON.stringify({ operation: "upload", transfers, objects, hash_algo: "sha256", ...ref }),
    repo,
    retry: true,
    signal,
  });
  const reply = parseObject(parseJson(await response.text(), "reply"), "reply");
  const items = parseArray(reply["objects"], "objects");
  const refused = items.find((item) => isObject(item) && isObject(item["error"]));
  if (isObject(refused) && isObject(refused["error"])) {
    const reason = String(refused["error"]["message"] ?? "the server gave no reason");
    throw new HubApiError(`Cannot ${action}: ${reason}`, failedRequest(response, "POST"));
  }
  return {
    transfer:
      optional(reply["transfer"], "transfer", (value, path) =>
        parseOneOf(value, path, ["basic", "multipart", "xet"]),
      ) ?? "basic",
    objects: items.map(parseLfsObject),
  };
}

function parseLfsObject(value: unknown, index: number): LfsObject {
  const path = `objects[${index}]`;
  const object = parseObject(value, path);
  const actions = optional(object["actions"], `${path}.actions`, parseObject) ?? {};
  return {
    oid: parseString(object["oid"], `${path}.oid`),
    size: parseInteger(object["size"], `${path}.size`, { min: 0 }),
    upload: optional(actions["upload"], `${path}.actions.upload`, parseAction),
    verify: optional(actions["verify"], `${path}.actions.verify`, parseAction),
  };
}

function parseAction(value: unknown, path: string): LfsAction {
  const action = parseObject(value, path);
  const header = optional(action["header"], `${path}.header`, parseObject) ?? {};
  return {
    href: parseString(action["href"], `${path}.href`),
    header: Object.fromEntries(Object.entries(header).map(([name, item]) => [name, String(item)])),
  };
}

export interface LfsUpload {
  readonly repo: Repo;
  readonly path: string;
  readonly content: Blob;
  readonly object: LfsObject;
}

export interface LfsUploadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Sends one object in one piece, or in parts when the server gave addresses for them; then has it checked. */
export async function uploadLfsObject(
  connection: Connection,
  upload: LfsUpload,
  options: LfsUploadOptions = {},
): Promise<void> {
  const { object, repo, path } = upload;
  if (!object.upload) return;
  const action = `upload "${path}" to "${repoPath(repo)}"`;
  if (object.upload.header["chunk_size"]) {
    await uploadParts(connection, { ...upload, action, to: object.upload }, options);
  } else {
    await request(connection, {
      path: object.upload.href,
      method: "PUT",
      action,
      ...countedBody(upload.content, object.upload.header, options),
      authorize: false,
      retry: true,
      signal: options.signal,
    });
  }
  if (!object.verify) return;
  await request(connection, {
    path: object.verify.href,
    method: "POST",
    action,
    headers: { ...object.verify.header, accept: MEDIA_TYPE, "content-type": MEDIA_TYPE },
    body: JSON.stringify({ oid: object.oid, size: object.size }),
    retry: true,
    signal: options.signal,
  });
}

interface PartsUpload extends LfsUpload {
  readonly action: string;
  readonly to: LfsAction;
}

async function uploadParts(
  connection: Connection,
  { content, object, action, to }: PartsUpload,
  { signal, onBytes }: LfsUploadOptions,
): Promise<void> {
  const chunkBytes = Number(to.header["chunk_size"]);
  const urls = Object.keys(to.header)
    .filter((name) => /^\d+$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
    .map((name) => to.header[name] ?? "");
  if (!(chunkBytes > 0) || urls.length !== Math.ceil(content.size / chunkBytes)) {
    throw new RangeError(
      `Cannot ${action}: the server wants ${urls.length} parts of ${chunkBytes} bytes for ${content.size} bytes`,
    );
  }
  const sendPart = async (url: string, index: number) => {
    const part = content.slice(index * chunkBytes, (index + 1) * chunkBytes);
    const response = await request(connection, {
      path: url,
      method: "PUT",
      action,
      ...countedBody(part, {}, { signal, onBytes }),
      authorize: false,
      retry: true,
      signal,
    });
    return { partNumber: index + 1, etag: response.headers.get("etag") ?? "" };
  };
  const parts = await mapConcurrent(urls, sendPart, { limit: PARTS_AT_ONCE, signal });
  await request(connection, {
    path: to.href,
    method: "POST",
    action,
    headers: { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE },
    body: JSON.stringify({ oid: object.oid, parts }),
    authorize: false,
    retry: true,
    signal,
  });
}

/** A body that reports its bytes as they leave; where streams cannot be sent, when it is asked for. */
function countedBody(
  content: Blob,
  header: Readonly<Record<string, string>>,
  { signal, onBytes }: LfsUploadOptions,
): Required<Pick<HubRequest, "body" | "headers">> {
  let sent = 0;
  const count = (bytes: number): void => {
    sent += bytes;
    onBytes?.(bytes);
  };
  const body = (): BodyInit => {
    count(-sent);
    if (!streamsRequests) {
      count(content.size);
      return content;
    }
    const chunks = chunksOf(content.stream());
    return new ReadableStream({
      async pull(controller) {
        signal?.throwIfAborted();
        const { done, value } = await chunks.next();
        if (done) return controller.close();
        count(value.length);
        controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
      },
    });
  };
  // A stream has no length of its own, and stores want to know it beforehand.
  const length = streamsRequests ? { "content-length": String(content.size) } : {};
  return { body, headers: { ...header, ...length } };
}
