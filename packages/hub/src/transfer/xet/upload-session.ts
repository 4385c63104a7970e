import {
  type Chunk,
  Chunker,
  isDedupEligible,
  MAX_CHUNK_BYTES,
  MAX_XORB_BYTES,
  Shard,
  type ShardXorb,
  serializeShard,
  type Xorb,
  XorbBuilder,
} from "@bearhug/xet";
import { createHash, piecesOf } from "#platform";
import { CasClient } from "./cas-client.ts";
import { FileTerms, type PendingFile } from "./file-terms.ts";
import { KnownChunks, type Place, type XorbRef } from "./known-chunks.ts";
import { RunningTasks } from "./running-tasks.ts";
import { sendShard, sendXorb } from "./send.ts";
import type { UploadedXetFile, XetUploadFile, XetUploadOptions } from "./upload.ts";
import { UploadProgress } from "./upload-progress.ts";
import { XorbMemory } from "./xorb-memory.ts";

/** Queries about the first chunks of files that come next. */
const FILES_AHEAD = 8;
/**
 * Content of the first xorb; each later one may have twice as much, up to the format's limit, and half of what is
 * left. The storage then has something to check while most is still being cut, and little to check after that.
 */
const SMALL_XORB_BYTES = 16 << 20;
/** Records after which a shard is sent: 48 bytes each, so memory and shard stay small. */
const MAX_SHARD_RECORDS = 400_000;

interface OpenXorb {
  readonly memory: Uint8Array<ArrayBuffer>;
  readonly builder: XorbBuilder;
  readonly ref: XorbRef;
}

/** One upload: files share xorbs, and what one has sent the next need not send again. */
export class UploadSession {
  readonly #cas: CasClient;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #known = new KnownChunks();
  readonly #asked = new Map<string, Promise<void>>();
  readonly #uploads: RunningTasks;
  readonly #progress: UploadProgress;
  readonly #memory: XorbMemory;
  #open: OpenXorb;
  #pendingFiles: PendingFile[] = [];
  #pendingXorbs: ShardXorb[] = [];
  #pendingRecords = 0;
  /** Content after which the open xorb is sent. */
  #xorbBytes = SMALL_XORB_BYTES;
  /** Content that has not been cut yet. */
  #left: number;

  constructor(options: XetUploadOptions & { readonly total: number }) {
    const { signal, concurrency = 3, onProgress, total } = options;
    this.#signal = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    this.#cas = new CasClient(options, this.#signal);
    this.#uploads = new RunningTasks(concurrency);
    this.#progress = new UploadProgress(onProgress, total);
    this.#memory = new XorbMemory(total);
    this.#left = total;
    this.#open = this.#newXorb();
  }

  async run(files: readonly XetUploadFile[]): Promise<readonly UploadedXetFile[]> {
    const results: UploadedXetFile[] = [];
    try {
      for (const [index, file] of files.entries()) {
        // All that may be asked about with the first file, then one more with each.
        const from = index === 0 ? 1 : index + FILES_AHEAD;
        for (const next of files.slice(from, index + FILES_AHEAD + 1)) void this.#askAhead(next);
        results.push(await this.#file(file));
        if (this.#pendingRecords >= MAX_SHARD_RECORDS) await this.#register();
      }
      await this.#register();
      return results;
    } finally {
      this.#stop.abort();
      await this.#uploads.all().catch(() => {});
    }
  }

  async #file({ path, content, sha256 }: XetUploadFile): Promise<UploadedXetFile> {
    const chunker = new Chunker();
    const digest = sha256 === undefined ? createHash("sha256") : undefined;
    const terms = new FileTerms();
    for await (const piece of piecesOf(content)) {
      this.#signal.throwIfAborted();
      this.#uploads.throwIfFailed();
      digest?.update(piece);
      for (const chunk of chunker.push(piece)) await this.#place(chunk, terms, path);
    }
    for (const chunk of chunker.finish()) await this.#place(chunk, terms, path);
    const hex = sha256 ?? digest?.digestHex() ?? "";
    const pending = terms.finish(hex);
    if (content.size > 0) {
      this.#pendingFiles.push(pending);
      this.#pendingRecords += 2 + 2 * terms.count;
    }
    return { path, size: content.size, sha256: hex, xetHash: pending.hash };
  }

  async #place(chunk: Chunk, terms: FileTerms, path: string): Promise<void> {
    const { hash, data } = chunk;
    this.#left -= data.length;
    let place = this.#known.find(hash);
    if (!place && (terms.count === 0 || isDedupEligible(hash))) {
      await this.#ask(hash);
      place = this.#known.find(hash);
    }
    if (place) this.#progress.isStored(data.length, path);
    else place = await this.#addNew(chunk, path);
    terms.add(place, hash, data.length);
  }

  async #addNew(chunk: Chunk, path: string): Promise<Place> {
    const { length } = chunk.data;
    const { builder: filling } = this.#open;
    const isFull = !filling.fits(length) || filling.rawBytes + length > this.#xorbBytes;
    if (isFull) await this.#closeXorb();
    const { builder, ref } = this.#open;
    const place = { xorb: ref, index: builder.add(chunk) };
    this.#known.add(chunk.hash, place);
    this.#progress.isNew(length, path);
    return place;
  }

  async #closeXorb(): Promise<void> {
    const { builder, ref, memory } = this.#open;
    if (builder.chunkCount === 0) return;
    const xorb: Xorb = builder.finish();
    const wanted = Math.max(SMALL_XORB_BYTES, this.#left / 2);
    this.#xorbBytes = Math.min(2 * this.#xorbBytes, wanted, MAX_XORB_BYTES);
    ref.hash = xorb.hash;
    this.#open = this.#newXorb();
    const { hash, chunks, rawBytes, bytes } = xorb;
    this.#pendingXorbs.push({ hash, chunks, rawBytes, serializedBytes: bytes.length });
    this.#pendingRecords += 1 + chunks.length;
    const sending = this.#progress.sending(rawBytes, bytes.length);
    await this.#uploads.start(async () => {
      await sendXorb(this.#cas, xorb, sending.onBytes);
      sending.done();
      this.#memory.giveBack(memory);
    });
  }

  #newXorb(): OpenXorb {
    const memory = this.#memory.take();
    return { memory, builder: new XorbBuilder(memory), ref: { hash: undefined } };
  }

  /** Sends what is left, waits for all of it, and registers the files. */
  async #register(): Promise<void> {
    await this.#closeXorb();
    await this.#uploads.all();
    if (this.#pendingFiles.length === 0) return;
    const files = this.#pendingFiles.map((file) => file.toShardFile());
    const unique = [...new Map(files.map((file) => [file.hash, file])).values()];
    await sendShard(this.#cas, serializeShard({ files: unique, xorbs: this.#pendingXorbs }));
    this.#pendingFiles = [];
    this.#pendingXorbs = [];
    this.#pendingRecords = 0;
  }

  /** Asks about the first chunk of a file before its turn: many small files would wait for each answer. */
  async #askAhead({ content }: XetUploadFile): Promise<void> {
    try {
      const start = new Uint8Array(await content.slice(0, MAX_CHUNK_BYTES).arrayBuffer());
      const chunker = new Chunker();
      const [first] = [...chunker.push(start), ...chunker.finish()];
      if (first && !this.#known.find(first.hash)) await this.#ask(first.hash);
    } catch {
      // The file's own turn meets the same failure, and reports it.
    }
  }

  #ask(hash: string): Promise<void> {
    const asked = this.#asked.get(hash) ?? this.#query(hash);
    this.#asked.set(hash, asked);
    return asked;
  }

  /** Deduplication saves bytes; nothing depends on it, so a storage that cannot answer is no failure. */
  async #query(hash: string): Promise<void> {
    const action = "ask which chunks are stored";
    const path = `/v1/chunks/default/${hash}`;
    const answer = await this.#cas
      .send({ path, action, accept: [400, 403, 404, 500, 501, 503] }, async (response) => {
        const bytes = new Uint8Array(await response.arrayBuffer());
        return response.ok ? bytes : undefined;
      })
      .catch((error: unknown) => {
        if (this.#signal.aborted) throw error;
        return undefined;
      });
    if (answer) this.#learn(answer);
  }

  #learn(answer: Uint8Array): void {
    try {
      this.#known.learn(Shard.parse(answer));
    } catch {
      // An answer that cannot be read says nothing.
    }
  }
}
