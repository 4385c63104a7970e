import { FLUSH, packet, sideBand } from "./packet-line.ts";

const KEEP_ALIVE_MS = 5000;

/** A reference, and why it was not updated; `undefined` when it was. */
export type PushOutcome = ReadonlyMap<string, string | undefined>;

/** What the pusher hears: progress as it comes, then the report, as far as the client understands them. */
export class PushAnswer {
  readonly #hasBands: boolean;
  readonly #wantsReport: boolean;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Said before the client listens. */
  #early: Uint8Array[] = [];
  #isOver = false;

  constructor(capabilities: ReadonlySet<string>) {
    this.#hasBands = capabilities.has("side-band-64k");
    this.#wantsReport = capabilities.has("report-status");
  }

  readonly progress = (text: string): void => {
    if (this.#hasBands) this.#send(sideBand(2, text));
  };

  /** Lines for a person, set apart from Git's own. */
  tell(lines: readonly string[]): void {
    const rule = "-".repeat(73);
    this.progress(`${[rule, ...lines, rule].join("\n")}\n`);
  }

  report(unpacked: string, outcome: PushOutcome): void {
    if (!this.#wantsReport) return;
    const lines = [...outcome].map(([ref, reason]) =>
      packet(reason === undefined ? `ok ${ref}\n` : `ng ${ref} ${reason.replaceAll("\n", " ")}\n`),
    );
    const report = Buffer.concat([packet(`unpack ${unpacked}\n`), ...lines, FLUSH]);
    this.#send(this.#hasBands ? sideBand(1, report) : report);
  }

  /** Runs `work`, which answers through this object, while the client listens. */
  stream(
    work: () => Promise<void>,
    onCancel: (reason: unknown) => void,
  ): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        for (const bytes of this.#early.splice(0)) this.#send(bytes);
        const timer = setInterval(() => this.progress(""), KEEP_ALIVE_MS);
        const running = work()
          .catch((error: unknown) => this.#fail(error))
          .finally(() => {
            clearInterval(timer);
            this.#end();
          });
        void running;
      },
      cancel: (reason) => {
        this.#isOver = true;
        onCancel(reason);
      },
    });
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`push failed: ${text}\n`);
    if (this.#hasBands) this.#send(sideBand(3, "internal error\n"));
  }

  #send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#controller) this.#controller.enqueue(bytes);
    else this.#early.push(bytes);
  }

  #end(): void {
    if (this.#isOver) return;
    if (this.#hasBands) this.#send(FLUSH);
    this.#isOver = true;
    this.#controller?.close();
  }
}
