/** Numbers, sizes and times as people read them. Pure: the present is passed in. */

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `90.9 MB`, decimal units. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : trim(value)} ${UNITS[power]}`;
}

/** `950`, `1.2k`, `22.7M`, `6.7B`. */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  const power = Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${trim(count / 1000 ** power)}${["", "k", "M", "B", "T"][power]}`;
}

function trim(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, "");
}

const STEPS = [
  { seconds: 31_557_600, unit: "year" },
  { seconds: 2_629_800, unit: "month" },
  { seconds: 604_800, unit: "week" },
  { seconds: 86_400, unit: "day" },
  { seconds: 3600, unit: "hour" },
  { seconds: 60, unit: "minute" },
] as const;

/** `just now`, `3 days ago`. */
export function formatAgo(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1000;
  for (const step of STEPS) {
    const count = Math.floor(seconds / step.seconds);
    if (count >= 1) return `${count} ${step.unit}${count === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

/** `23 Nov 2026, 14:05 UTC`. */
export function formatDate(date: Date): string {
  const text = date.toUTCString();
  return `${text.slice(5, 16)}, ${text.slice(17, 22)} UTC`;
}

/** `1 file`, `3 files`. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
