/** The two things that an upload sends: xorbs with chunks, and shards that say which files they make. */
import { isObject, parseJson } from "@bearhug/core";
import type { Xorb } from "@bearhug/xet";
import { streamsRequests } from "#platform";
import { chunksOf } from "../stream.ts";
import type { CasClient } from "./cas-client.ts";
import { XetTransferError } from "./errors.ts";

/** How much is handed to the connection at once, in bytes: the grain of progress. */
const PIECE_BYTES = 256 * 1024;

/** Stores a xorb. `onBytes` gets how many of its bytes have left; that may fall back when it is sent again. */
export async function sendXorb(
  cas: CasClient,
  { hash, bytes }: Xorb,
  onBytes: (sent: number) => void,
): Promise<void> {
  await cas.sendForJson({
    path: `/v1/xorbs/default/${hash}`,
    action: `upload xorb "${hash}"`,
    method: "POST",
    headers: streamsRequests ? { "content-length": String(bytes.length) } : {},
    body: () => (streamsRequests ? counted(bytes, onBytes) : new Blob([bytes])),
  });
}

function counted(
  bytes: Uint8Array<ArrayBuffer>,
  onBytes: (sent: number) => void,
): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      const piece = bytes.subarray(sent, sent + PIECE_BYTES);
      sent += piece.length;
      controller.enqueue(piece);
      onBytes(sent);
    },
  });
}

/**
 * Registers files. The second version of the route tells how far it is, which keeps the connection alive while
 * large files are checked; storages without it have the first.
 *
 * @throws {XetTransferError} when the storage refuses the shard while it checks it.
 */
export async function sendShard(cas: CasClient, shard: Uint8Array<ArrayBuffer>): Promise<void> {
  const action = "register uploaded files";
  const request = { action, method: "POST", body: () => new Blob([shard]) } as const;
  const isDone = await cas.send(
    { ...request, path: "/v2/shards", accept: [404, 501] },
    async (response) => {
      if (!response.ok) {
        await response.body?.cancel();
        return false;
      }
      if (response.body) await readEvents(response.body);
      return true;
    },
  );
  if (!isDone) await cas.sendForJson({ ...request, path: "/v1/shards" });
}

/** Reads JSON lines until one says how it ended. */
async function readEvents(body: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of chunksOf(body)) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    if (lines.some(isResult)) return;
  }
  if (!isResult(text)) throw new XetTransferError("Cannot register uploaded files: no result came");
}

function isResult(line: string): boolean {
  if (line.trim() === "") return false;
  const event = parseJson(line, "event");
  if (!isObject(event)) return false;
  if (event["type"] !== "error") return event["type"] === "result";
  const reason = String(event["message"] ?? "the storage gave no reason");
  throw new XetTransferError(`Cannot register uploaded files: ${reason}`);
}
