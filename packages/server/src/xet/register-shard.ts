/** Takes a shard's word for nothing: checks every file against the stored chunks before it becomes known. */
import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import {
  EMPTY_HASH,
  HashTree,
  isDedupEligible,
  type Shard,
  type ShardFile,
  type Term,
  verificationHash,
} from "@bearhug/xet";
import { HubError } from "../http/hub-error.ts";
import { fileBytes } from "./file-content.ts";
import type { ProvenFile } from "./file-store.ts";
import type { XetStorage } from "./storage.ts";
import type { XetClaims } from "./tokens.ts";
import type { XorbIndex } from "./xorb-index.ts";

export interface RegistrationEvent {
  readonly type: "validating";
  /** Content bytes. */
  readonly verified: number;
  readonly total: number;
}

export interface Registrant {
  readonly claims: XetClaims;
  /** Aborted when the client goes away: nobody waits for hours of checking then. */
  readonly signal: AbortSignal;
}

/** A terabyte in chunks of the usual size; each is hashed again. */
const MAX_CHUNKS = 2 ** 24;

/**
 * Registers the files of a shard for the repository of the token, one after the other; returns how many were new.
 * A file that was registered stays so, whatever becomes of those after it.
 *
 * @throws {HubError} 400 when a check fails.
 */
export async function* registerShard(
  storage: XetStorage,
  shard: Shard,
  { claims, signal }: Registrant,
): AsyncGenerator<RegistrationEvent, number> {
  let total = 0;
  for (const file of shard.files()) {
    checkExtent(file);
    total += sizeOf(file);
  }
  let verified = 0;
  let added = 0;
  for (const file of shard.files()) {
    const known = await storage.files.find(file.hash);
    const proven = await proveTerms(storage, file, { claims, signal });
    if (known && (file.sha256 === undefined || file.sha256 === known.sha256)) {
      await storage.files.link(known, claims.repositoryId);
    } else {
      const sha256 = yield* proveContent(storage, file, { verified, total, signal });
      await storage.files.register({ ...proven, sha256 }, claims.repositoryId);
      added++;
    }
    verified += proven.size;
    yield { type: "validating", verified, total };
  }
  return added;
}

function sizeOf(file: ShardFile): number {
  return file.terms.reduce((sum, term) => sum + term.size, 0);
}

/** A few bytes of a shard can name the same chunks again and again. */
function checkExtent({ hash, terms }: ShardFile): void {
  const chunks = terms.reduce((sum, { start, end }) => sum + end - start, 0);
  if (chunks > MAX_CHUNKS) refuse(`File "${hash}" has more than ${MAX_CHUNKS} chunks`);
}

type ProvenTerms = Omit<ProvenFile, "sha256">;

/** The terms lie in xorbs that the bearer may use, and the file's hash follows from their chunks. */
async function proveTerms(
  storage: XetStorage,
  file: ShardFile,
  { claims, signal }: Registrant,
): Promise<ProvenTerms> {
  const { hash, terms, verification } = file;
  if (terms.length > 0 && !verification) refuse(`File "${hash}" has no verification entries`);
  const names = [...new Set(terms.map((term) => term.xorb))];
  const usable = await storage.access.usable(claims, names);
  const tree = new HashTree();
  const findable = new Map<string, string>();
  for (const [position, term] of terms.entries()) {
    const index = usable.has(term.xorb) ? await storage.xorbs.index(term.xorb) : undefined;
    if (!index) return refuseXorb(hash, term.xorb);
    proveTerm(index, term, verification?.[position]);
    addChunks({ index, term, tree, findable });
    await breathe();
    signal.throwIfAborted();
  }
  const { size } = tree;
  const actual = tree.fileHash();
  if (actual !== hash) refuse(`File "${hash}" has terms whose hash is "${actual}"`);
  return { hash, terms, size, findable };
}

function proveTerm(index: XorbIndex, term: Term, verification: string | undefined): void {
  const { xorb, start, end, size } = term;
  if (end > index.chunkCount) {
    refuse(`Xorb "${xorb}" has ${index.chunkCount} chunks; a term names ${start} to ${end}`);
  }
  const actual = index.rawOffset(end) - index.rawOffset(start);
  if (actual !== size)
    refuse(`Chunks ${start} to ${end} of "${xorb}" have ${actual} bytes, not ${size}`);
  if (verificationHash(index.hashes(start, end)) !== verification) {
    refuse(`The verification entry for chunks ${start} to ${end} of "${xorb}" is wrong`);
  }
}

function addChunks(part: {
  readonly index: XorbIndex;
  readonly term: Term;
  readonly tree: HashTree;
  readonly findable: Map<string, string>;
}): void {
  const { index, term, tree, findable } = part;
  for (let chunk = term.start; chunk < term.end; chunk++) {
    const hash = index.hash(chunk);
    if (tree.size === 0 || isDedupEligible(hash)) findable.set(hash, term.xorb);
    tree.add(hash, index.size(chunk));
  }
}

/** How much content is hashed between two events, in bytes. */
const EVENT_BYTES = 16 * 1024 * 1024;

/** Commits name content by SHA-256: reads the whole file once to know that the shard's is right. */
async function* proveContent(
  storage: XetStorage,
  file: ShardFile,
  progress: {
    readonly verified: number;
    readonly total: number;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<RegistrationEvent, string> {
  const digest = createHash("sha256");
  const size = sizeOf(file);
  let done = 0;
  let reported = 0;
  if (file.hash !== EMPTY_HASH) {
    const whole = { terms: file.terms, range: { start: 0, end: size } };
    for await (const bytes of fileBytes(storage.xorbs, whole, { isTransient: true })) {
      progress.signal.throwIfAborted();
      digest.update(bytes);
      done += bytes.length;
      if (done - reported < EVENT_BYTES) continue;
      reported = done;
      yield { type: "validating", verified: progress.verified + done, total: progress.total };
    }
  }
  const sha256 = digest.digest("hex");
  if (file.sha256 !== undefined && file.sha256 !== sha256) {
    refuse(`File "${file.hash}" has SHA-256 "${sha256}", not "${file.sha256}"`);
  }
  return sha256;
}

function refuse(message: string): never {
  throw new HubError(400, "BadRequest", { message });
}

function refuseXorb(file: string, xorb: string): never {
  throw new HubError(400, "BadRequest", {
    message: `File "${file}" uses xorb "${xorb}", which was not uploaded here by this account`,
    hint: "Upload the xorb first; a client that remembers another account's uploads has to forget them (folder xet of HF_HOME)",
  });
}
