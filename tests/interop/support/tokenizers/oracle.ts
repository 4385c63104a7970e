import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { python, ROOT } from "../paths.ts";
import { type Block, type Call, type Field, type Input, wireCall, wireInput } from "./call.ts";

const SCRIPT = join(ROOT, "tests", "interop", "python", "tokenizers_oracle.py");
/** Any Python with tokenizers 0.23.3; the environment of set-up.sh unless the variable names another. */
export const ORACLE_PYTHON: string = process.env["TOKENIZERS_PYTHON"] ?? python("transformers");
const VERSION = "0.23.3";
/** Digests depend on nothing but what their names say; a later run need not ask again. */
const ANSWERS = join(ROOT, ".assets", "parity", "answers");

export interface Refusal {
  readonly error: string;
}
/** The digests of one block, in the order of the call's fields. */
export type BlockDigests = readonly string[] | Refusal;
export type Row = Readonly<Partial<Record<Field, readonly (number | string)[] | string>>>;
export type RowsAnswer = readonly Row[] | Refusal;

export interface Verdict {
  /** Its message where it does not take the file. */
  readonly refusal: string | undefined;
  /** Its answers depend on the order of a hash map. */
  readonly isAmbiguous: boolean;
}

export type DecodeAnswer =
  | Refusal
  | {
      readonly text: string;
      readonly textWithSpecials: string;
      readonly steps: readonly (string | null | Refusal)[];
    };

/** A process of the Rust library behind its Python binding. One tokenizer at a time. */
export class Oracle implements AsyncDisposable {
  readonly #folder: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  #loaded: string | undefined;
  #files = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #errors = "";

  private constructor(folder: string, child: ChildProcessWithoutNullStreams) {
    this.#folder = folder;
    this.#process = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
  }

  static async start(): Promise<Oracle> {
    const folder = await mkdtemp(join(tmpdir(), "bearhug-oracle-"));
    return new Oracle(folder, spawn(ORACLE_PYTHON, [SCRIPT], { stdio: "pipe" }));
  }

  /** What the reference says of the file. */
  async load(json: string): Promise<Verdict> {
    this.#loaded = undefined;
    const path = join(this.#folder, "tokenizer.json");
    await writeFile(path, json);
    const answer = await this.#ask({ op: "load", path });
    if ("error" in answer) return { refusal: String(answer["error"]), isAmbiguous: false };
    if (answer["version"] !== VERSION) {
      throw new Error(`tokenizers is ${answer["version"]}, the comparison is with ${VERSION}`);
    }
    this.#loaded = json;
    return { refusal: undefined, isAmbiguous: answer["ambiguous"] === true };
  }

  async digests(
    json: string,
    blocks: readonly Block[],
    call: Call,
  ): Promise<readonly BlockDigests[]> {
    const lines = blocks.map((block) => `${JSON.stringify(block.map(wireInput))}\n`).join("");
    const wire = wireCall(call);
    const kept = join(ANSWERS, `${keyOf(json, lines, JSON.stringify(wire))}.json`);
    if (existsSync(kept)) return JSON.parse(await readFile(kept, "utf8"));
    const path = join(this.#folder, `${this.#files++}.jsonl`);
    await writeFile(path, lines);
    await this.#use(json);
    const answer = await this.#ask({ op: "digests", blocks: path, call: wire });
    await rm(path);
    // The script answers with what the type says.
    const digests = expectAnswer(answer)["digests"] as readonly BlockDigests[];
    await mkdir(ANSWERS, { recursive: true });
    await writeFile(`${kept}.${process.pid}`, JSON.stringify(digests));
    await rename(`${kept}.${process.pid}`, kept);
    return digests;
  }

  /** All rows of every input, each encoded by itself. */
  async rows(json: string, inputs: readonly Input[], call: Call): Promise<readonly RowsAnswer[]> {
    await this.#use(json);
    const request = { op: "rows", inputs: inputs.map(wireInput), call: wireCall(call) };
    return expectAnswer(await this.#ask(request))["rows"] as readonly RowsAnswer[];
  }

  async decode(
    json: string,
    lists: readonly (readonly number[])[],
  ): Promise<readonly DecodeAnswer[]> {
    await this.#use(json);
    return expectAnswer(await this.#ask({ op: "decode", lists }))[
      "texts"
    ] as readonly DecodeAnswer[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    this.#process.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #use(json: string): Promise<void> {
    if (this.#loaded === json) return;
    const { refusal } = await this.load(json);
    if (refusal !== undefined) throw new Error(`The reference refuses the tokenizer: ${refusal}`);
  }

  /** One request after the other. */
  #ask(request: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = this.#turn.then(async () => {
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await this.#answers.next();
      if (done) throw new Error(`The reference's process ended: ${this.#errors}`);
      return JSON.parse(value);
    });
    this.#turn = answer.catch(() => {});
    return answer;
  }
}

function expectAnswer(
  answer: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if ("error" in answer) throw new Error(`The reference failed: ${answer["error"]}`);
  return answer;
}

const script = readFileSync(SCRIPT);

function keyOf(...parts: readonly string[]): string {
  const hash = createHash("sha256").update(script).update(VERSION);
  for (const part of parts) hash.update(createHash("sha256").update(part).digest());
  return hash.digest("hex").slice(0, 32);
}
