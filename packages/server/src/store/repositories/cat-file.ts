import { type GitChild, gitFailure, spawnGit } from "./git-process.ts";

export type ObjectType = "blob" | "tree" | "commit" | "tag";

export interface ObjectInfo {
  readonly oid: string;
  readonly type: ObjectType;
  readonly size: number;
}

export interface GitObject extends ObjectInfo {
  readonly data: Buffer;
}

interface Question {
  readonly wantsData: boolean;
  readonly resolve: (answer: GitObject | ObjectInfo | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const NOTHING = Buffer.alloc(0);
const HEADER = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/;

/**
 * One long-lived `git cat-file --batch-command`: questions go in as they come, answers come back in order.
 * Questions asked in one turn of the event loop go out together.
 */
export class CatFile {
  readonly #child: GitChild;
  #questions: Question[] = [];
  #answered = 0;
  #outgoing: string[] = [];
  #rest: Buffer = NOTHING;
  /** The object whose data is arriving. */
  #arriving: { readonly info: ObjectInfo; readonly chunks: Buffer[]; missing: number } | undefined;
  #ended: Error | undefined;

  constructor(directory: string, env: Readonly<Record<string, string>> = {}) {
    const command = { directory, env, args: ["cat-file", "--batch-command", "--buffer"] };
    this.#child = spawnGit(command);
    this.#child.stdout.on("data", (chunk: Buffer) => this.#read(chunk));
    void this.#child.ended.then(({ code, stderr }) => {
      this.#fail(gitFailure(command, code, stderr));
    });
  }

  /** Questions without an answer. */
  get pending(): number {
    return this.#questions.length - this.#answered;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** `undefined` when there is no such object. `name` must hold no white space. */
  info(name: string): Promise<ObjectInfo | undefined> {
    return this.#ask(`info ${name}\n`, false);
  }

  /** As `info`, with the object's bytes. */
  contents(name: string): Promise<GitObject | undefined> {
    // as: a question with data is answered with data.
    return this.#ask(`contents ${name}\n`, true) as Promise<GitObject | undefined>;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill("SIGTERM");
  }

  #ask(line: string, wantsData: boolean): Promise<GitObject | ObjectInfo | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#questions.push({ wantsData, resolve, reject });
      this.#outgoing.push(line);
      if (this.#outgoing.length === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    this.#child.stdin.write(`${this.#outgoing.join("")}flush\n`);
    this.#outgoing = [];
  }

  #read(chunk: Buffer): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    while (data.length > 0) {
      const used = this.#arriving ? this.#readData(data) : this.#readHeader(data);
      if (used === 0) break;
      data = data.subarray(used);
    }
    this.#rest = data;
  }

  /** Gives how many bytes it used; 0 when the line is not whole yet. */
  #readHeader(data: Buffer): number {
    const end = data.indexOf(10);
    if (end < 0) return 0;
    const [, oid, type, size] = HEADER.exec(data.toString("latin1", 0, end)) ?? [];
    if (oid === undefined) {
      this.#answer(undefined); // "… missing" or "… ambiguous"
      return end + 1;
    }
    // as: the pattern allows these words only.
    const info = { oid, type: type as ObjectType, size: Number(size) };
    if (this.#questions[this.#answered]?.wantsData) {
      this.#arriving = { info, chunks: [], missing: info.size + 1 };
    } else {
      this.#answer(info);
    }
    return end + 1;
  }

  #readData(data: Buffer): number {
    const arriving = this.#arriving!;
    const used = Math.min(arriving.missing, data.length);
    arriving.chunks.push(data.subarray(0, used));
    arriving.missing -= used;
    if (arriving.missing === 0) {
      this.#arriving = undefined;
      // A copy: the chunk may be one small object's only reason to stay in memory.
      const bytes = Buffer.concat(arriving.chunks);
      this.#answer({ ...arriving.info, data: bytes.subarray(0, arriving.info.size) });
    }
    return used;
  }

  #answer(answer: GitObject | ObjectInfo | undefined): void {
    const question = this.#questions[this.#answered++];
    if (this.#answered === this.#questions.length || this.#answered > 4096) {
      this.#questions = this.#questions.slice(this.#answered);
      this.#answered = 0;
    }
    question?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#ended = error;
    for (const question of this.#questions.slice(this.#answered)) question.reject(error);
    this.#questions = [];
    this.#answered = 0;
  }
}
