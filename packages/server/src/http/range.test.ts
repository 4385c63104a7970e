import { describe, expect, it } from "vitest";
import { contentRange, parseRange } from "./range.ts";

describe("parseRange()", () => {
  it.each([
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=2-4", { start: 2, end: 5 }],
    ["bytes=5-", { start: 5, end: 10 }],
    ["bytes=5-99999999999", { start: 5, end: 10 }],
    ["bytes=-3", { start: 7, end: 10 }],
    ["bytes=-300", { start: 0, end: 10 }],
  ])("reads %s of 10 bytes", (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it.each([undefined, "", "bytes=-", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=5-2"])(
    "gives the whole for %s",
    (header) => {
      expect(parseRange(header, 10)).toBeUndefined();
    },
  );

  it.each(["bytes=10-", "bytes=99999999999999999999-", "bytes=-0"])("refuses %s", (header) => {
    expect(() => parseRange(header, 10)).toThrow(
      expect.objectContaining({ status: 416, headers: { "Content-Range": "bytes */10" } }),
    );
  });

  it("gives the whole of an empty file for its first byte, and refuses later ones", () => {
    expect(parseRange("bytes=0-0", 0)).toBeUndefined();
    expect(parseRange("bytes=0-", 0)).toBeUndefined();
    expect(() => parseRange("bytes=1-", 0)).toThrow(expect.objectContaining({ status: 416 }));
    expect(() => parseRange("bytes=-5", 0)).toThrow(expect.objectContaining({ status: 416 }));
  });
});

describe("contentRange()", () => {
  it("counts the last byte in", () => {
    expect(contentRange({ start: 2, end: 5 }, 10)).toBe("bytes 2-4/10");
  });
});
