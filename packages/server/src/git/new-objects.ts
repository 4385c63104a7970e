import { LibraryError } from "@bearhug/core";
import type { ObjectType } from "../store/repositories/cat-file.ts";
import { spawnGit, writeInput } from "../store/repositories/git-process.ts";
import type { Push } from "./push-rules.ts";

/** A push does not bring, and the repository does not have, all that its commits need. */
export class ConnectivityError extends LibraryError {
  override readonly name = "ConnectivityError";

  constructor(reason: string) {
    super("MISSING_OBJECTS", `The push lacks objects that its commits need: ${reason}`, {
      hint: "Fetch all of the history (git fetch --unshallow), then push again",
    });
  }
}

export interface NewObject {
  readonly type: ObjectType;
  readonly oid: string;
  readonly size: number;
  /** One of its paths, for messages; `""` for commits and tags. */
  readonly path: string;
}

/**
 * Every object that the push adds. Walks all that no reference reaches yet, so it also proves that nothing is
 * missing.
 *
 * @throws {ConnectivityError}
 */
export async function* newObjects(push: Push): AsyncGenerator<NewObject, void> {
  const tips = push.updates.flatMap(({ after }) => (after === undefined ? [] : [after]));
  if (tips.length === 0) return;
  const { directory } = push.repo.git;
  const { env, signal } = push;
  const walkArgs = ["rev-list", "--objects", "--stdin", "--not", "--all"];
  const walk = spawnGit({ directory, env, signal, args: walkArgs });
  const format = "%(objecttype) %(objectname) %(objectsize) %(rest)";
  const facts = spawnGit({
    directory,
    env,
    signal,
    args: ["cat-file", `--batch-check=${format}`, "--buffer"],
  });
  walk.stdout.pipe(facts.stdin);
  try {
    await writeInput(walk, `${tips.join("\n")}\n`);
    for await (const line of lines(facts.stdout)) {
      const [, type, oid = "", size, path = ""] = OBJECT.exec(line) ?? [];
      // as: the pattern allows these words only.
      if (size !== undefined) yield { type: type as ObjectType, oid, size: Number(size), path };
    }
    const { code, stderr } = await walk.ended;
    signal.throwIfAborted();
    if (code !== 0) throw new ConnectivityError(stderr.replace(/^fatal: /, ""));
  } finally {
    walk.kill("SIGKILL");
    facts.kill("SIGKILL");
  }
}

const OBJECT = /^(blob|tree|commit|tag) (\w+) (\d+) (.*)$/;

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest !== "") yield rest;
}
