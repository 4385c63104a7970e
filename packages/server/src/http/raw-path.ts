import { ClientInputError } from "./errors.ts";

/**
 * Segments of the path as the client encoded them. Routes decode each on their own: a branch may hold `/` as `%2F`,
 * and a decoded path could no longer tell.
 */
export function rawSegments(url: string): readonly string[] {
  const afterHost = url.indexOf("/", url.indexOf("//") + 2);
  if (afterHost === -1) return [];
  const end = url.slice(afterHost).search(/[?#]/);
  const path = end === -1 ? url.slice(afterHost) : url.slice(afterHost, afterHost + end);
  const segments = path.split("/").slice(1);
  return segments.at(-1) === "" ? segments.slice(0, -1) : segments;
}

/** @throws {ClientInputError} when a percent sign is not followed by an encoding of UTF-8. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new ClientInputError(`"${segment.slice(0, 200)}" is not a percent-encoded text`, {
      cause,
    });
  }
}

/** Decoded and joined again: a path inside a repository. Leading and trailing slashes do not count. */
export function joinPath(segments: readonly string[]): string {
  return segments
    .map(decodeSegment)
    .join("/")
    .replace(/^\/+|\/+$/g, "");
}
