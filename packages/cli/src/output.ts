import { isAbortError, LibraryError, messageOf, type ProgressEvent } from "@bearhug/core";
import { ProgressBar, type Terminal } from "./progress-bar.ts";

interface Stream extends Terminal {
  readonly isTTY?: boolean | undefined;
}

/** Results on standard output; progress, notes and errors on standard error. */
export class Output {
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  readonly #bar: ProgressBar | undefined;

  constructor(stdout: Stream, stderr: Stream) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#bar = stderr.isTTY ? new ProgressBar(stderr) : undefined;
  }

  /** A line of the result. */
  print(text: string): void {
    this.#bar?.clear();
    if (text !== "") this.#stdout.write(`${text}\n`);
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** Something to know that is not the result. */
  note(text: string): void {
    this.#bar?.clear();
    this.#stderr.write(`${text}\n`);
  }

  /** For `onProgress`: drawn on a terminal, dropped elsewhere. */
  readonly progress = (event: ProgressEvent): void => {
    this.#bar?.update(event);
  };

  /** Says why a command failed. */
  fail(error: unknown): void {
    if (isAbortError(error)) {
      this.note("Aborted.");
      return;
    }
    if (!(error instanceof LibraryError)) {
      this.note(`Error: ${messageOf(error)}`);
      return;
    }
    this.note(`Error ${error.code}: ${error.message}.`);
    if (error.hint) this.note(`  ${error.hint}.`);
  }

  /** Ends a bar that stands. */
  finish(): void {
    this.#bar?.clear();
  }
}
