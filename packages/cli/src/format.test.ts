import { expect, test } from "vitest";
import { formatBytes, formatSeconds, formatTable } from "./format.ts";
import { ProgressBar, progressLine } from "./progress-bar.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.00 kB"],
  [9999, "10.0 kB"],
  [90_868_376, "90.9 MB"],
  [999_600_000, "1.00 GB"],
  [5e15, "5.00 PB"],
])("formatBytes(%i)", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0.2, "0s"],
  [59.4, "59s"],
  [59.6, "1m00s"],
  [3599, "59m59s"],
  [7800, "2h10m"],
])("formatSeconds(%d)", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("formatTable() aligns columns", () => {
  expect(
    formatTable(
      [
        ["1", "a"],
        ["100", "bb"],
      ],
      { right: [0] },
    ),
  ).toBe("  1  a\n100  bb");
});

test("progressLine() tells share, rate and remaining time", () => {
  const event = {
    phase: "download",
    done: 41.2e6,
    total: 90.9e6,
    unit: "bytes",
    path: "a.bin",
  } as const;
  expect(progressLine(event, 12.3e6)).toBe(
    "download   45%  █████████░░░░░░░░░░░  41.2 MB of 90.9 MB  12.3 MB/s  4s left  a.bin",
  );
  expect(progressLine({ phase: "load", done: 3, unit: "files" }, 0)).toBe("load  3");
});

test("ProgressBar draws at most ten times a second, always at the end, and fits the terminal", () => {
  let text = "";
  let now = 0;
  const bar = new ProgressBar({ columns: 30, write: (piece) => (text += piece) }, () => now);
  for (let done = 1; done <= 1000; done++) {
    now += 1;
    bar.update({ phase: "hash", done, total: 1000, unit: "bytes", path: "x".repeat(100) });
  }
  const drawn = text.split("\r\x1b[K").slice(1);
  expect(drawn.length).toBeLessThanOrEqual(12);
  expect(drawn.at(-1)).toContain("100%");
  expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(30);
  bar.clear();
  expect(text.endsWith("\r\x1b[K")).toBe(true);
});
