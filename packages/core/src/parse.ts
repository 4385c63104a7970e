/** Checks at the border: a value of unknown shape becomes a typed one, or an error names its path. */

/** @throws {TypeError} `"path must be WHAT, got VALUE"`. */
function fail(path: string, what: string, value: unknown): never {
  const text = typeof value === "string" ? JSON.stringify(value) : String(JSON.stringify(value));
  throw new TypeError(`${path} must be ${what}, got ${text.slice(0, 100)}`);
}

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseObject(value: unknown, path: string): JsonObject {
  return isObject(value) ? value : fail(path, "an object", value);
}

export function parseArray(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "an array", value);
}

export function parseString(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "a string", value);
}

export function parseBoolean(value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : fail(path, "true or false", value);
}

export function parseNumber(value: unknown, path: string): number {
  return typeof value === "number" && Number.isFinite(value)
    ? value
    : fail(path, "a number", value);
}

export interface IntegerLimits {
  readonly min?: number;
  readonly max?: number;
}

export function parseInteger(
  value: unknown,
  path: string,
  { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }: IntegerLimits = {},
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  if (min === 1 && max === Number.MAX_SAFE_INTEGER) return fail(path, "a positive integer", value);
  if (min === 0 && max === Number.MAX_SAFE_INTEGER)
    return fail(path, "an integer of 0 or more", value);
  return fail(path, `an integer from ${min} to ${max}`, value);
}

export function parseStrings(value: unknown, path: string): readonly string[] {
  return parseArray(value, path).map((item, index) => parseString(item, `${path}[${index}]`));
}

export function parseOneOf<const T extends string>(
  value: unknown,
  path: string,
  allowed: readonly T[],
): T {
  const found = allowed.find((candidate) => candidate === value);
  return found ?? fail(path, `one of ${allowed.map((item) => `"${item}"`).join(", ")}`, value);
}

/** `undefined` and `null` stay `undefined`; anything else goes through `parser`. */
export function optional<T>(
  value: unknown,
  path: string,
  parser: (value: unknown, path: string) => T,
): T | undefined {
  return value === undefined || value === null ? undefined : parser(value, path);
}

/** @throws {SyntaxError} naming `path` when `text` is not JSON. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyntaxError(
      `${path} is not JSON: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}
