/** Clone and fetch: the `git upload-pack` program, with its input and output on the wire. */
import { runGit, spawnGit, writeInput } from "../store/repositories/git-process.ts";
import type { Slots } from "./slots.ts";

/** A client that neither sends nor takes anything for so long is given up. */
const STALL_SECONDS = 300;

export interface UploadPackRequest {
  /** The bare repository. */
  readonly directory: string;
  /** The `Git-Protocol` header, checked by {@link protocolOf}. */
  readonly protocol: string | undefined;
  readonly signal: AbortSignal;
}

/** The header, when it is one that may go into a child's environment. */
export function protocolOf(header: string | undefined): string | undefined {
  return header !== undefined && /^[a-z0-9=:.-]{1,128}$/.test(header) ? header : undefined;
}

/** What the server has and can do: the answer to `info/refs`, after the service's line. */
export function advertiseUploadPack(request: UploadPackRequest): Promise<string> {
  return runGit(command(request, ["--advertise-refs"]));
}

/** Answers one request of the negotiation, or the pack. The child ends with the stream. */
export async function* uploadPack(
  request: UploadPackRequest,
  body: AsyncIterable<Uint8Array>,
  slots: Slots,
): AsyncGenerator<Uint8Array, void> {
  const release = await slots.take(request.signal);
  const child = spawnGit(command(request, []));
  const writing = writeInput(child, body).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  writing.catch(() => undefined); // thrown below, once the output has ended
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array; // as: no encoding is set
    // What it did not want to read may never come.
    await Promise.race([writing, child.ended]);
    // A failure is in the output already, as an error packet for the client.
    await child.ended;
  } finally {
    child.kill("SIGKILL");
    release();
  }
}

function command({ directory, protocol, signal }: UploadPackRequest, args: readonly string[]) {
  return {
    directory,
    args: [
      "upload-pack",
      "--strict",
      `--timeout=${STALL_SECONDS}`,
      "--stateless-rpc",
      ...args,
      directory,
    ],
    signal,
    ...(protocol === undefined ? {} : { env: { GIT_PROTOCOL: protocol } }),
  };
}
