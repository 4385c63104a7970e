import { CatFile } from "./cat-file.ts";

export interface CatFilePoolOptions {
  /** Processes at once. Default 16. */
  readonly limit?: number;
  /** A process that nobody asked for so long is closed. Default 30,000 ms. */
  readonly idleMs?: number;
}

interface Member {
  readonly process: CatFile;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** At most one {@link CatFile} a repository, and a bounded number in all. */
export class CatFilePool {
  readonly #limit: number;
  readonly #idleMs: number;
  /** Least recently used first. */
  readonly #members = new Map<string, Member>();
  readonly #waiting: (() => void)[] = [];

  constructor({ limit = 16, idleMs = 30_000 }: CatFilePoolOptions = {}) {
    this.#limit = limit;
    this.#idleMs = idleMs;
  }

  async use<T>(directory: string, work: (process: CatFile) => Promise<T>): Promise<T> {
    const member = await this.#acquire(directory);
    try {
      return await work(member.process);
    } finally {
      this.#release(directory, member);
    }
  }

  closeRepository(directory: string): void {
    const member = this.#members.get(directory);
    if (!member) return;
    this.#remove(directory, member);
    this.#waiting.shift()?.();
  }

  close(): void {
    for (const [directory, member] of [...this.#members]) this.#remove(directory, member);
  }

  async #acquire(directory: string): Promise<Member> {
    for (;;) {
      const found = this.#members.get(directory);
      if (found && !found.process.hasEnded) return this.#take(directory, found);
      if (found) this.#remove(directory, found);
      if (this.#members.size < this.#limit || this.#closeIdle()) {
        const process = new CatFile(directory);
        return this.#take(directory, { process, users: 0, timer: undefined });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #take(directory: string, member: Member): Member {
    clearTimeout(member.timer);
    member.users++;
    this.#members.delete(directory);
    this.#members.set(directory, member);
    return member;
  }

  #release(directory: string, member: Member): void {
    if (--member.users > 0) return;
    if (this.#members.get(directory) !== member) return;
    member.timer = setTimeout(() => this.#remove(directory, member), this.#idleMs);
    member.timer.unref();
    this.#waiting.shift()?.();
  }

  /** Makes room for another repository. */
  #closeIdle(): boolean {
    for (const [directory, member] of this.#members) {
      if (member.users > 0) continue;
      this.#remove(directory, member);
      return true;
    }
    return false;
  }

  #remove(directory: string, member: Member): void {
    clearTimeout(member.timer);
    if (this.#members.get(directory) === member) this.#members.delete(directory);
    member.process.close();
  }
}
