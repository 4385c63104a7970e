import { expect, it } from "vitest";
import { formatAgo, formatBytes, formatCount, formatDate, plural } from "./format.ts";

it("formatBytes() uses decimal units and at most three digits", () => {
  expect([0, 999, 1000, 90_868_376, 786_432, 5e12].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "90.9 MB",
    "786 kB",
    "5 TB",
  ]);
});

it("formatCount() shortens large numbers", () => {
  expect([0, 999, 1000, 12_873, 22_713_728, 6_740_000_000].map(formatCount)).toEqual([
    "0",
    "999",
    "1k",
    "12.9k",
    "22.7M",
    "6.7B",
  ]);
});

it("formatAgo() names the largest whole unit", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  const ago = (seconds: number): string => formatAgo(new Date(now.getTime() - seconds * 1000), now);
  expect([-5, 59, 60, 7200, 86_400, 8 * 86_400, 70 * 86_400, 800 * 86_400].map(ago)).toEqual([
    "just now",
    "just now",
    "1 minute ago",
    "2 hours ago",
    "1 day ago",
    "1 week ago",
    "2 months ago",
    "2 years ago",
  ]);
});

it("formatDate() and plural() write words", () => {
  expect(formatDate(new Date("2026-11-03T09:05:00Z"))).toBe("03 Nov 2026, 09:05 UTC");
  expect([plural(1, "file"), plural(1200, "file")]).toEqual(["1 file", "1,200 files"]);
});
