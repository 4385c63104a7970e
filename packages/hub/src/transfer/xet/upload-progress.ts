import type { RunOptions } from "@bearhug/core";

/** Counts for the two kinds of progress that an upload shows. */
export class UploadProgress {
  readonly #onProgress: RunOptions["onProgress"];
  readonly #total: number;
  #safe = 0;
  #sent = 0;
  #toSend = 0;

  constructor(onProgress: RunOptions["onProgress"], total: number) {
    this.#onProgress = onProgress;
    this.#total = total;
  }

  /** Content that the storage has already, or that is on its way as part of something else. */
  isStored(bytes: number, path: string): void {
    this.#safe += bytes;
    this.#report("upload", path);
  }

  /** Content that will have to travel. */
  isNew(bytes: number, path: string): void {
    this.#toSend += bytes;
    this.#report("transfer", path);
  }

  /** A xorb starts to travel: compressed it may be shorter than its content. */
  sending(rawBytes: number, bytes: number): { onBytes(count: number): void; done(): void } {
    let counted = 0;
    let safe = 0;
    this.#toSend += bytes - rawBytes;
    const set = (sent: number): void => {
      this.#sent += sent - counted;
      counted = sent;
      const now = Math.floor((rawBytes * sent) / bytes);
      this.#safe += now - safe;
      safe = now;
      this.#report("transfer");
      this.#report("upload");
    };
    return { onBytes: set, done: () => set(bytes) };
  }

  #report(phase: "upload" | "transfer", path?: string): void {
    const [done, total] =
      phase === "upload" ? [this.#safe, this.#total] : [this.#sent, this.#toSend];
    this.#onProgress?.({ phase, done, total, unit: "bytes", path });
  }
}
