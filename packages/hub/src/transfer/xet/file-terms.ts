import { HashTree, type ShardFile, verificationHash } from "@bearhug/xet";
import { XetTransferError } from "./errors.ts";
import type { Place, XorbRef } from "./known-chunks.ts";

interface OpenTerm {
  readonly xorb: XorbRef;
  readonly start: number;
  end: number;
  size: number;
  readonly hashes: string[];
}

interface ClosedTerm {
  readonly xorb: XorbRef;
  readonly start: number;
  readonly end: number;
  readonly size: number;
  readonly verification: string;
}

/** Collects a file's chunks, in order, into terms: runs of neighbours in one xorb. */
export class FileTerms {
  readonly #tree = new HashTree();
  readonly #closed: ClosedTerm[] = [];
  #open: OpenTerm | undefined;

  get count(): number {
    return this.#closed.length + (this.#open ? 1 : 0);
  }

  add({ xorb, index }: Place, hash: string, size: number): void {
    this.#tree.add(hash, size);
    const open = this.#open;
    if (open && open.xorb === xorb && open.end === index) {
      open.end++;
      open.size += size;
      open.hashes.push(hash);
      return;
    }
    this.#close();
    this.#open = { xorb, start: index, end: index + 1, size, hashes: [hash] };
  }

  #close(): void {
    if (!this.#open) return;
    const { xorb, start, end, size, hashes } = this.#open;
    this.#closed.push({ xorb, start, end, size, verification: verificationHash(hashes) });
    this.#open = undefined;
  }

  /** The file as a shard registers it, once every xorb that it uses has its hash. */
  finish(sha256: string): PendingFile {
    this.#close();
    const hash = this.#tree.fileHash();
    const closed = this.#closed;
    return {
      hash,
      toShardFile: () => ({
        hash,
        terms: closed.map(({ xorb, start, end, size }) => {
          if (xorb.hash === undefined) throw new XetTransferError("A xorb was not uploaded");
          return { xorb: xorb.hash, start, end, size };
        }),
        verification: closed.map((term) => term.verification),
        sha256,
      }),
    };
  }
}

/** A file whose xorbs may still be on their way. */
export interface PendingFile {
  readonly hash: string;
  toShardFile(): ShardFile;
}
