import { messageOf } from "@bearhug/core";
import { type CommitLine, type CommitResultJson, parseCommitLine } from "@bearhug/hub/protocol";
import { bodyLines } from "../http/body.ts";
import { badRequest } from "../http/hub-error.ts";
import { json } from "../http/streaming.ts";
import { MAX_COMMIT_OPERATIONS } from "../services/commits.ts";
import type { CommitOperationFile } from "../services/services.ts";
import { refusePullRequest } from "./pull-requests.ts";
import { type RepoHandler, repoUrl, wholeRevision } from "./repo-request.ts";

/** Of the whole body, whose small files are held until the commit is written. */
const MAX_BODY_BYTES = 512 * 1024 * 1024;
/** Of one line: a file of 20 MiB in base64. */
const MAX_LINE_BYTES = 30 * 1024 * 1024;

type Header = Extract<CommitLine, { type: "header" }>;

/** `POST /api/{T}/{id}/commit/{rev}` with NDJSON. */
export const commit: RepoHandler = async ({ c, context, viewer, name, query, rest }) => {
  refusePullRequest(query);
  const { repositories } = context.services;
  // Before the body is read: a stranger's upload is refused at its first byte.
  const repo = await repositories.openForWriting(viewer, name);
  const { header, operations } = await readCommit(c.req.raw);
  const { oid } = await repositories.commit(viewer, name, {
    revision: wholeRevision(rest),
    title: header.summary,
    description: header.description ?? "",
    parentCommit: header.parentCommit,
    operations,
  });
  const result: CommitResultJson = {
    success: true,
    commitOid: oid,
    commitUrl: `${repoUrl(c.get("publicUrl"), repo.summary)}/commit/${oid}`,
    hookOutput: "",
  };
  return json(result);
};

async function readCommit(
  request: Request,
): Promise<{ readonly header: Header; readonly operations: readonly CommitOperationFile[] }> {
  let header: Header | undefined;
  const operations: CommitOperationFile[] = [];
  const limits = { maxBytes: MAX_BODY_BYTES, maxLineBytes: MAX_LINE_BYTES };
  for await (const { number, text } of bodyLines(request, limits)) {
    const line = parseLine(text, number);
    if (line.type === "header") {
      if (header) throw badRequest(`Line ${number}: there is a header already`);
      header = line;
      continue;
    }
    if (!header) throw badRequest(`Line ${number}: the first line must be the header`);
    operations.push(toOperation(line));
    if (operations.length > MAX_COMMIT_OPERATIONS) {
      throw badRequest(`A commit has at most ${MAX_COMMIT_OPERATIONS} operations`);
    }
  }
  if (!header) throw badRequest("Line 1: the first line must be the header");
  return { header, operations };
}

function parseLine(text: string, number: number): CommitLine {
  try {
    return parseCommitLine(text);
  } catch (error) {
    throw badRequest(`Line ${number}: ${messageOf(error)}`);
  }
}

function toOperation(line: Exclude<CommitLine, Header>): CommitOperationFile {
  const { path } = line;
  switch (line.type) {
    case "file":
      return { type: "put", path, content: line.content };
    case "lfs-file":
      return { type: "put-lfs", path, oid: line.oid, size: line.size };
    case "deleted-file":
      return { type: "delete-file", path };
    case "deleted-folder":
      return { type: "delete-folder", path };
  }
}
