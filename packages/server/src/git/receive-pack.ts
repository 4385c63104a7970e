/**
 * Push: commands and pack are received here, not by `git receive-pack`, so that the objects stay in quarantine until
 * this Hub's rules are checked, and references move by the same compare-and-swap as those of API commits.
 */
import { messageOf } from "@bearhug/core";
import type { HubContext } from "../http/context.ts";
import type { OpenRepo } from "../services/services.ts";
import { RefConflictError } from "../store/repositories/errors.ts";
import { readRefs } from "../store/repositories/references.ts";
import type { RefUpdate } from "../store/repositories/repository-store.ts";
import { ConnectivityError } from "./new-objects.ts";
import { FLUSH, PacketReader, packet } from "./packet-line.ts";
import { PushAnswer, type PushOutcome } from "./push-answer.ts";
import { CAPABILITIES, type PushRequest, readPushRequest } from "./push-request.ts";
import { checkPush, refFault } from "./push-rules.ts";
import { openQuarantine, type Quarantine } from "./quarantine.ts";

const PACK_HEADER_BYTES = 12;

/** The answer to `info/refs`, after the service's line. */
export async function advertiseReceivePack(directory: string): Promise<Uint8Array> {
  const refs = await readRefs(directory);
  const lines = refs.map(({ oid, ref }) => `${oid} ${ref}`);
  if (lines.length === 0) lines.push(`${"0".repeat(40)} capabilities^{}`);
  const packets = lines.map((line, index) =>
    packet(index === 0 ? `${line}\0${CAPABILITIES}\n` : `${line}\n`),
  );
  return Buffer.concat([...packets, FLUSH]);
}

export interface ReceiveOptions {
  readonly context: HubContext;
  readonly repo: OpenRepo;
  /** Aborted when the client goes away: nothing moves any more. */
  readonly signal: AbortSignal;
}

/** One push on its way. */
interface Push extends ReceiveOptions {
  readonly request: PushRequest;
  readonly answer: PushAnswer;
}

interface Received {
  /** `undefined` when the push brought no objects. */
  readonly quarantine: Quarantine | undefined;
  /** What was wrong with the pack. */
  readonly fault: string | undefined;
}

/**
 * Receives a push; `undefined` when the client only asked whether it may. Reads the request to its end before the
 * answer begins, as Git's client expects.
 *
 * @throws {SyntaxError} when the request is not one.
 */
export async function receivePack(
  options: ReceiveOptions,
  body: AsyncIterable<Uint8Array>,
): Promise<ReadableStream<Uint8Array> | undefined> {
  const reader = new PacketReader(body);
  const request = await readPushRequest(reader);
  if (request.updates.length === 0) return undefined;
  const left = new AbortController();
  const push: Push = {
    ...options,
    signal: AbortSignal.any([options.signal, left.signal]),
    request,
    answer: new PushAnswer(request.capabilities),
  };
  let received: Promise<Received> | undefined;
  await new Promise<void>((onInputEnd, reject) => {
    received = receiveObjects(push, reader, onInputEnd);
    received.then(() => onInputEnd(), reject);
  });
  return push.answer.stream(
    async () => finish(push, await received!),
    (reason) => left.abort(reason),
  );
}

/** Calls `onInputEnd` when the request is read; Git goes on with what it got. */
async function receiveObjects(
  { repo, signal, request, answer }: Push,
  reader: PacketReader,
  onInputEnd: () => void,
): Promise<Received> {
  const header = await reader.peek(PACK_HEADER_BYTES);
  const needsPack = request.updates.some(({ after }) => after !== undefined);
  if (!needsPack || isEmptyPack(header)) {
    for await (const _ of reader.remaining());
    return { quarantine: undefined, fault: undefined };
  }
  const quarantine = await openQuarantine(repo.git.directory, signal);
  try {
    const progress = request.capabilities.has("quiet") ? {} : { progress: answer.progress };
    const fault = await quarantine.receive(reader.remaining(), { ...progress, onInputEnd });
    return { quarantine, fault };
  } catch (error) {
    await quarantine[Symbol.asyncDispose]();
    throw error;
  }
}

function isEmptyPack(header: Buffer): boolean {
  const isPack = header.length === PACK_HEADER_BYTES && header.toString("latin1", 0, 4) === "PACK";
  return isPack && header.readUInt32BE(8) === 0;
}

async function finish(push: Push, { quarantine, fault }: Received): Promise<void> {
  const { context, repo, request, answer } = push;
  try {
    if (fault !== undefined) {
      answer.report(fault, new Map(request.updates.map(({ ref }) => [ref, "unpacker error"])));
      return;
    }
    const outcome = await judge(push, quarantine);
    if ([...outcome.values()].includes(undefined)) {
      // The push stands whatever comes of this: the index is brought up to date again when it is next read.
      await context.services.repositories.reindex(repo.summary.recordId).catch(() => undefined);
    }
    answer.report("ok", outcome);
  } finally {
    await quarantine?.[Symbol.asyncDispose]();
  }
}

/** Applies the rules, then moves what may move. */
async function judge(push: Push, quarantine: Quarantine | undefined): Promise<PushOutcome> {
  const { request, repo } = push;
  const outcome = new Map(request.updates.map((update) => [update.ref, refFault(update)]));
  const isAtomic = request.capabilities.has("atomic");
  const updates = request.updates.filter(({ ref }) => outcome.get(ref) === undefined);
  if (isAtomic && updates.length < request.updates.length) return blameAll(outcome);
  if (updates.length === 0) return outcome;
  const refusal = await refusalOf(push, updates, quarantine);
  if (refusal === undefined) await quarantine?.accept();
  const groups = isAtomic ? [updates] : updates.map((update) => [update]);
  for (const group of groups) {
    const reason = refusal ?? (await move(repo, group));
    for (const { ref } of group) outcome.set(ref, reason);
  }
  return outcome;
}

/** Why nothing of the push is taken; the pusher is told the details. */
async function refusalOf(
  { context, repo, signal, answer }: Push,
  updates: readonly RefUpdate[],
  quarantine: Quarantine | undefined,
): Promise<string | undefined> {
  try {
    const env = quarantine?.env ?? {};
    const received = await quarantine?.contents();
    const lines = await checkPush({ context, repo, updates, env, received, signal });
    signal.throwIfAborted();
    if (lines.length === 0) return undefined;
    answer.tell(lines);
    return "pre-receive hook declined";
  } catch (error) {
    if (!(error instanceof ConnectivityError)) throw error;
    answer.tell([error.message, ...(error.hint ? [error.hint] : [])]);
    return "missing necessary objects";
  }
}

/** Of an atomic push: what is not at fault itself fails with the rest. */
function blameAll(outcome: PushOutcome): PushOutcome {
  return new Map([...outcome].map(([ref, fault]) => [ref, fault ?? "atomic push failed"]));
}

async function move(repo: OpenRepo, updates: readonly RefUpdate[]): Promise<string | undefined> {
  try {
    await repo.git.updateRefs(updates);
    return undefined;
  } catch (error) {
    if (error instanceof RefConflictError) return "fetch first: it was updated meanwhile";
    return `failed to update ref: ${messageOf(error)}`;
  }
}
