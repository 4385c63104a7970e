import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** [light, dark] of every colour that is stated as two hexadecimal colours. */
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map((match) => [
    match[1] ?? "",
    [match[2] ?? "", match[3] ?? ""] as const,
  ]),
);

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["bg", "surface", "sunken", "raised"];
const PAIRS: readonly (readonly [string, string])[] = [
  ...["ink", "ink-soft", "ink-faint", "accent", "moss", "berry", "lake", "plum"].flatMap((text) =>
    GROUNDS.map((ground) => [text, ground] as const),
  ),
  ["accent-ink", "accent"],
  ["accent-ink", "accent-strong"],
  ["accent-strong", "accent-wash"],
  ["moss", "moss-wash"],
  ["berry", "berry-wash"],
  ["lake", "lake-wash"],
  ["ink", "accent-wash"],
  ["ink-soft", "accent-wash"],
  ["ink", "moss-wash"],
  ["ink", "berry-wash"],
  ["ink", "lake-wash"],
  ["ink", "plum-wash"],
  ...["moss", "berry", "lake", "plum"].map((ground) => ["ink-soft", `${ground}-wash`] as const),
];

it.each(PAIRS)("%s on %s has AA contrast in light and dark", (text, ground) => {
  for (const theme of [0, 1] as const) {
    const [a, b] = [colours.get(text)?.[theme], colours.get(ground)?.[theme]];
    expect(contrast(a ?? "#000000", b ?? "#000000")).toBeGreaterThanOrEqual(4.5);
  }
});
