import { toBase64 } from "@bearhug/core";
import type { CommitLineJson } from "../protocol/commit.ts";

/** One change of a commit, ready to be sent. */
export type CommitPart =
  | { readonly type: "file"; readonly path: string; readonly content: Blob }
  | {
      readonly type: "lfs";
      readonly path: string;
      readonly sha256: string;
      readonly size: number;
    }
  | { readonly type: "delete-file"; readonly path: string }
  | { readonly type: "delete-folder"; readonly path: string };

interface CommitHeader {
  readonly title: string;
  readonly description?: string | undefined;
  readonly parentCommit?: string | undefined;
}

/** A multiple of three: base64 of the pieces is base64 of the whole. */
const PIECE_BYTES = 3 * (1 << 16);

/** The lines of a commit's body, in pieces: a file's content is read and encoded as it is sent. */
export async function* commitLines(
  header: CommitHeader,
  parts: readonly CommitPart[],
): AsyncGenerator<string, void, undefined> {
  yield line({
    key: "header",
    value: {
      summary: header.title,
      description: header.description ?? "",
      ...(header.parentCommit ? { parentCommit: header.parentCommit } : {}),
    },
  });
  for (const part of parts) {
    if (part.type === "file") yield* fileLine(part.path, part.content);
    else yield line(pointerOrDeletion(part));
  }
}

function pointerOrDeletion(part: Exclude<CommitPart, { type: "file" }>): CommitLineJson {
  const { path } = part;
  if (part.type === "delete-file") return { key: "deletedFile", value: { path } };
  if (part.type === "delete-folder") return { key: "deletedFolder", value: { path } };
  return { key: "lfsFile", value: { path, algo: "sha256", oid: part.sha256, size: part.size } };
}

async function* fileLine(path: string, content: Blob): AsyncGenerator<string, void, undefined> {
  const value = JSON.stringify({ path, encoding: "base64", content: "" });
  // The value ends with `"content":""}`: the encoded bytes go between the last two quotes.
  yield `{"key":"file","value":${value.slice(0, -2)}`;
  for (let at = 0; at < content.size; at += PIECE_BYTES) {
    const piece = await content.slice(at, at + PIECE_BYTES).arrayBuffer();
    yield toBase64(new Uint8Array(piece));
  }
  yield '"}}\n';
}

function line(value: CommitLineJson): string {
  return `${JSON.stringify(value)}\n`;
}
