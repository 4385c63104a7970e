/** The Hub's upload protocol from a browser: ask how, send large files to LFS, commit. */
import { onThisHost, putPart } from "./http-put.ts";
import type { LocalFile } from "./local-files.ts";
import { Sha256 } from "./sha256.ts";

export interface UploadTarget {
  readonly type: "model" | "dataset";
  readonly id: string;
  readonly revision: string;
  readonly folder: string;
}

export interface UploadRun {
  readonly files: readonly LocalFile[];
  readonly title: string;
  readonly onProgress: (progress: {
    readonly path: string;
    readonly fraction: number;
    readonly note: string;
  }) => void;
  readonly onStatus: (text: string) => void;
}

const PREUPLOAD_BATCH = 200;
const SAMPLE_BYTES = 512;
const HASH_PIECE_BYTES = 1 << 20;

interface Planned extends LocalFile {
  /** Path in the repository. */
  readonly target: string;
  readonly isLfs: boolean;
}

export async function uploadFiles(target: UploadTarget, run: UploadRun): Promise<void> {
  if (run.files.length === 0) throw new Error("Choose a file first.");
  run.onStatus("Asking how to upload…");
  const plan = await planUpload(target, run.files);
  const operations: string[] = [];
  for (const [index, file] of plan.entries()) {
    run.onStatus(`Uploading ${index + 1} of ${plan.length}…`);
    operations.push(file.isLfs ? await sendLarge(target, file, run) : await inlineFile(file, run));
  }
  run.onStatus("Committing…");
  await commit(target, run, operations);
}

async function planUpload(
  target: UploadTarget,
  files: readonly LocalFile[],
): Promise<readonly Planned[]> {
  const prefix = target.folder === "" ? "" : `${target.folder}/`;
  const plan: Planned[] = [];
  for (let start = 0; start < files.length; start += PREUPLOAD_BATCH) {
    const batch = files.slice(start, start + PREUPLOAD_BATCH);
    const asked = await Promise.all(
      batch.map(async ({ path, file }) => ({
        path: prefix + path,
        size: file.size,
        sample: toBase64(await bytesOf(file.slice(0, SAMPLE_BYTES))),
      })),
    );
    const answer = await postJson<{
      readonly files: readonly { readonly path: string; readonly uploadMode: string }[];
    }>(`${apiOf(target)}/preupload/${encodeURIComponent(target.revision)}`, { files: asked });
    const modes = new Map(answer.files.map((file) => [file.path, file.uploadMode]));
    for (const file of batch) {
      const path = prefix + file.path;
      plan.push({ ...file, target: path, isLfs: modes.get(path) === "lfs" && file.file.size > 0 });
    }
  }
  return plan;
}

async function inlineFile(file: Planned, run: UploadRun): Promise<string> {
  const content = toBase64(await bytesOf(file.file));
  run.onProgress({ path: file.path, fraction: 1, note: "ready" });
  return JSON.stringify({
    key: "file",
    value: { path: file.target, content, encoding: "base64" },
  });
}

interface LfsAction {
  readonly href: string;
  readonly header?: Readonly<Record<string, string>>;
}

interface LfsBatch {
  readonly transfer?: string;
  readonly objects: readonly {
    readonly actions?: { readonly upload?: LfsAction; readonly verify?: LfsAction };
    readonly error?: { readonly message: string };
  }[];
}

async function sendLarge(target: UploadTarget, file: Planned, run: UploadRun): Promise<string> {
  const { size } = file.file;
  const report = (fraction: number, note: string): void =>
    run.onProgress({ path: file.path, fraction, note });
  const oid = await hashFile(file.file, (fraction) => report(fraction * 0.2, "reading"));
  const batch = await postJson<LfsBatch>(`${repoOf(target)}.git/info/lfs/objects/batch`, {
    operation: "upload",
    transfers: ["basic", "multipart"],
    hash_algo: "sha256",
    ref: { name: target.revision },
    objects: [{ oid, size }],
  });
  const object = batch.objects[0];
  if (object?.error) throw new Error(`${file.path}: ${object.error.message}`);
  const upload = object?.actions?.upload;
  if (upload !== undefined) {
    const onFraction = (fraction: number): void => report(0.2 + fraction * 0.8, percent(fraction));
    if (upload.header?.["chunk_size"] === undefined) {
      await putPart({
        href: upload.href,
        body: file.file,
        headers: upload.header ?? {},
        onFraction,
      });
    } else {
      await sendParts(upload, { file: file.file, oid, onFraction });
    }
  }
  const verify = object?.actions?.verify;
  if (verify !== undefined) await postJson(onThisHost(verify.href), { oid, size }, verify.header);
  report(1, upload === undefined ? "stored already" : "uploaded");
  return JSON.stringify({
    key: "lfsFile",
    value: { path: file.target, algo: "sha256", oid, size },
  });
}

async function sendParts(
  upload: LfsAction,
  content: {
    readonly file: File;
    readonly oid: string;
    readonly onFraction: (fraction: number) => void;
  },
): Promise<void> {
  const { file, oid, onFraction } = content;
  const chunkSize = Number(upload.header?.["chunk_size"]);
  const hrefs = Object.entries(upload.header ?? {})
    .filter(([name]) => /^\d+$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b));
  const parts: { readonly partNumber: number; readonly etag: string }[] = [];
  for (const [index, [number, href]] of hrefs.entries()) {
    const body = file.slice(index * chunkSize, (index + 1) * chunkSize);
    const etag = await putPart({
      href,
      body,
      headers: {},
      onFraction: (fraction) =>
        onFraction((index * chunkSize + fraction * body.size) / Math.max(1, file.size)),
    });
    parts.push({ partNumber: Number(number), etag });
  }
  await postJson(onThisHost(upload.href), { oid, parts });
}

async function commit(
  target: UploadTarget,
  run: UploadRun,
  operations: readonly string[],
): Promise<void> {
  const [only] = run.files;
  const title =
    run.title !== ""
      ? run.title
      : run.files.length === 1
        ? `Upload ${only?.path}`
        : `Upload ${run.files.length} files`;
  const header = JSON.stringify({ key: "header", value: { summary: title, description: "" } });
  const response = await fetch(`${apiOf(target)}/commit/${encodeURIComponent(target.revision)}`, {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson" },
    body: new Blob([header, "\n", ...operations.flatMap((line) => [line, "\n"])]),
  });
  if (!response.ok) throw new Error(await problemOf(response));
}

async function postJson<T>(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await problemOf(response));
  const text = await response.text();
  // The server's own answer, of the shape that its protocol states.
  return (text === "" ? {} : JSON.parse(text)) as T;
}

async function problemOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === "object" && body !== null) {
    const fields: { readonly [name: string]: unknown } = { ...body };
    const text = fields["error"] ?? fields["message"];
    if (text !== undefined) return Array.isArray(text) ? text.join(" ") : String(text);
  }
  return `The server answered with status ${response.status}.`;
}

async function hashFile(file: File, onFraction: (fraction: number) => void): Promise<string> {
  const hash = new Sha256();
  for (let start = 0; start < file.size; start += HASH_PIECE_BYTES) {
    hash.update(await bytesOf(file.slice(start, start + HASH_PIECE_BYTES)));
    onFraction(Math.min(1, (start + HASH_PIECE_BYTES) / file.size));
  }
  return hash.digest();
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** In pieces: one call with a megabyte of arguments would overflow the stack. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(text);
}

function apiOf(target: UploadTarget): string {
  return `/api/${target.type}s/${target.id}`;
}

function repoOf(target: UploadTarget): string {
  return target.type === "dataset" ? `/datasets/${target.id}` : `/${target.id}`;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}
