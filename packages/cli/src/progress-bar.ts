import type { ProgressEvent } from "@bearhug/core";
import { formatBytes, formatSeconds } from "./format.ts";

/** Where a bar is drawn: a terminal's error stream. */
export interface Terminal {
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const BAR_WIDTH = 20;

/** One line that is drawn over and over: share, rate and remaining time of what goes on. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #phase = "";
  #startedAt = 0;
  #startedWith = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  update(event: ProgressEvent): void {
    const now = this.#now();
    if (event.phase !== this.#phase) {
      this.#phase = event.phase;
      this.#startedAt = now;
      this.#startedWith = event.done;
      this.#drawnAt = Number.NEGATIVE_INFINITY;
    }
    if (now - this.#drawnAt < REDRAW_MS && event.done !== event.total) return;
    this.#drawnAt = now;
    this.#drawn = true;
    const seconds = (now - this.#startedAt) / 1000;
    const rate = seconds > 0.2 ? (event.done - this.#startedWith) / seconds : 0;
    const text = progressLine(event, rate).slice(0, (this.#terminal.columns ?? 80) - 1);
    this.#terminal.write(`\r\x1b[K${text}`);
  }

  /** Takes the bar away, so that other text starts on an empty line. */
  clear(): void {
    if (this.#drawn) this.#terminal.write("\r\x1b[K");
    this.#drawn = false;
  }
}

/** `download  45% ████▌      41.2 MB of 90.9 MB  12.3 MB/s  4s left  model.safetensors` */
export function progressLine(event: ProgressEvent, ratePerSecond: number): string {
  const { phase, done, total, unit, path } = event;
  const amount = (count: number) => (unit === "bytes" ? formatBytes(count) : String(count));
  const parts = [phase];
  if (total) {
    const share = Math.min(done / total, 1);
    const filled = Math.round(share * BAR_WIDTH);
    parts.push(`${String(Math.floor(share * 100)).padStart(3)}%`);
    parts.push("█".repeat(filled) + "░".repeat(BAR_WIDTH - filled));
    parts.push(`${amount(done)} of ${amount(total)}`);
  } else parts.push(amount(done));
  if (ratePerSecond > 0) {
    parts.push(
      unit === "bytes" ? `${formatBytes(ratePerSecond)}/s` : `${ratePerSecond.toFixed(1)}/s`,
    );
    if (total && done < total) parts.push(`${formatSeconds((total - done) / ratePerSecond)} left`);
  }
  if (path) parts.push(path);
  return parts.join("  ");
}
