// The Hub's HTTP contract by hand, for what a suite needs before the client that it is about begins.
import { sha256 } from "./bytes.ts";
import type { TestHub } from "./hub-server.ts";

type Json = Readonly<Record<string, unknown>>;

/** @param line as in HTTP: "GET /api/whoami-v2"; the address may be a whole URL. */
export async function request(
  hub: TestHub,
  line: string,
  body?: string | Uint8Array<ArrayBuffer> | Json,
): Promise<Response> {
  const [method = "", path = ""] = line.split(" ");
  const raw = typeof body === "string" || body instanceof Uint8Array;
  return fetch(path.startsWith("http") ? path : `${hub.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(body === undefined || raw ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
}

/** As `request()`, for one that must succeed. */
export async function call(...args: Parameters<typeof request>): Promise<Response> {
  const reply = await request(...args);
  if (!reply.ok) throw new Error(`${args[1]} answered ${reply.status}: ${await reply.text()}`);
  return reply;
}

/** Creates a model repository of the hub's user; gives its id. */
export async function createRepo(
  hub: TestHub,
  name: string,
  options: { readonly private?: boolean } = {},
): Promise<string> {
  await call(hub, "POST /api/repos/create", { type: "model", name, ...options });
  return `${hub.user}/${name}`;
}

/** One commit: text goes inline, bytes go through LFS. Gives the commit's id. */
export async function commitFiles(
  hub: TestHub,
  repo: string,
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
): Promise<string> {
  const lines: Json[] = [{ key: "header", value: { summary: "Add files" } }];
  for (const [path, content] of Object.entries(files)) {
    if (typeof content === "string") {
      const base64 = Buffer.from(content).toString("base64");
      lines.push({ key: "file", value: { path, content: base64, encoding: "base64" } });
      continue;
    }
    const oid = await uploadLfs(hub, repo, content);
    lines.push({ key: "lfsFile", value: { path, algo: "sha256", oid, size: content.length } });
  }
  const reply = await commit(hub, repo, lines);
  if (!reply.ok) throw new Error(`The commit answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()).commitOid;
}

export const commit = (hub: TestHub, repo: string, lines: readonly Json[]): Promise<Response> =>
  fetch(`${hub.url}/api/models/${repo}/commit/main`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${hub.token}`,
      "content-type": "application/x-ndjson",
    },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  });

/** Asks where to put an LFS object. */
export async function lfsBatch(
  hub: TestHub,
  repo: string,
  object: { readonly oid: string; readonly size: number },
): Promise<{
  readonly upload?: { readonly href: string };
  readonly verify?: { readonly href: string };
}> {
  const reply = await fetch(`${hub.url}/${repo}.git/info/lfs/objects/batch`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${hub.token}`,
      accept: "application/vnd.git-lfs+json",
      "content-type": "application/vnd.git-lfs+json",
    },
    body: JSON.stringify({ operation: "upload", transfers: ["basic"], objects: [object] }),
  });
  if (!reply.ok) throw new Error(`The LFS batch answered ${reply.status}: ${await reply.text()}`);
  return (await reply.json()).objects[0].actions ?? {};
}

/** Stores bytes as an LFS object; gives its id. */
export async function uploadLfs(
  hub: TestHub,
  repo: string,
  content: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const oid = sha256(content);
  const { upload } = await lfsBatch(hub, repo, { oid, size: content.length });
  if (!upload) return oid;
  const reply = await fetch(upload.href, { method: "PUT", body: content });
  if (!reply.ok) throw new Error(`The LFS upload answered ${reply.status}: ${await reply.text()}`);
  return oid;
}

export async function readFileAt(hub: TestHub, repo: string, path: string): Promise<Uint8Array> {
  const reply = await call(hub, `GET /${repo}/resolve/main/${path}`);
  return new Uint8Array(await reply.arrayBuffer());
}
