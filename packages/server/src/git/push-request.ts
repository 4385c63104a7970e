import { isOid } from "../store/repositories/ref-names.ts";
import type { RefUpdate } from "../store/repositories/repository-store.ts";
import type { PacketReader } from "./packet-line.ts";

/** What this server's receive side can do. */
export const CAPABILITIES =
  "report-status delete-refs side-band-64k quiet atomic ofs-delta object-format=sha1 agent=bearhug";

const MAX_COMMANDS = 10_000;
const NO_OBJECT = "0".repeat(40);

export interface PushRequest {
  readonly updates: readonly RefUpdate[];
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads the commands that stand before the pack. No updates: the client only asks whether it may push.
 *
 * @throws {SyntaxError}
 */
export async function readPushRequest(reader: PacketReader): Promise<PushRequest> {
  const updates = new Map<string, RefUpdate>();
  let capabilities: ReadonlySet<string> = new Set();
  for (;;) {
    const line = await reader.packet();
    if (line === "end" && updates.size > 0) throw new SyntaxError("The commands have no end");
    if (line === "flush" || line === "end") return { updates: [...updates.values()], capabilities };
    const [command = "", list] = line.toString("utf8").split("\0", 2);
    if (list !== undefined && updates.size === 0) capabilities = new Set(list.trim().split(" "));
    if (command.startsWith("shallow ")) continue; // the check for missing objects judges what it lacks
    addUpdate(updates, parseCommand(command.replace(/\n$/, "")));
  }
}

function addUpdate(updates: Map<string, RefUpdate>, update: RefUpdate): void {
  if (updates.has(update.ref)) throw new SyntaxError(`"${update.ref}" is pushed twice`);
  if (updates.size >= MAX_COMMANDS) {
    throw new SyntaxError(`A push has at most ${MAX_COMMANDS} references`);
  }
  updates.set(update.ref, update);
}

/** `<old> <new> <reference>` */
function parseCommand(command: string): RefUpdate {
  const before = command.slice(0, 40);
  const after = command.slice(41, 81);
  if (!isOid(before) || !isOid(after) || command[40] !== " " || command[81] !== " ") {
    throw new SyntaxError(`${JSON.stringify(command.slice(0, 200))} is not a push command`);
  }
  return { ref: command.slice(82), before: known(before), after: known(after) };
}

function known(oid: string): string | undefined {
  return oid === NO_OBJECT ? undefined : oid;
}
