import { ClientInputError } from "./errors.ts";

/** Values of `name`, sent as `name=a&name=b` or `name[]=a&name[]=b`. */
export function listParameter(query: URLSearchParams, name: string): readonly string[] {
  return [...query.getAll(name), ...query.getAll(`${name}[]`)].filter((value) => value !== "");
}

/** `true`, `True` and `1` are true. */
export function booleanParameter(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)?.toLowerCase();
  return value === "true" || value === "1";
}

/** @throws {ClientInputError} when it is not an integer from `min` to `max`. */
export function integerParameter(
  query: URLSearchParams,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
    throw new ClientInputError(`"${name}" must be an integer of ${min} or more, got "${text}"`);
  }
  return Math.min(value, max);
}

/**
 * Names given to `expand`.
 *
 * @throws {ClientInputError} when one is not among `allowed`.
 */
export function expandParameter(
  query: URLSearchParams,
  allowed: readonly string[],
): readonly string[] {
  const names = listParameter(query, "expand");
  const unknown = names.find((name) => !allowed.includes(name));
  if (unknown === undefined) return names;
  throw new ClientInputError(`"expand" must be one of [${allowed.join(", ")}], got "${unknown}"`);
}

/** The address of the next page: the present one with other values of a few parameters. */
export function nextLink(
  publicUrl: string,
  requestUrl: string,
  changes: Readonly<Record<string, string>>,
): string {
  const url = new URL(requestUrl);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  return `<${publicUrl}${url.pathname}${url.search}>; rel="next"`;
}
