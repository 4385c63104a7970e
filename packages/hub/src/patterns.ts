/** Which paths of a repository or folder an operation is about. */
export interface PathFilter {
  /** Shell patterns; a path must match one. `*` matches `/` too. Default: every path. */
  readonly include?: string | readonly string[] | undefined;
  /** Shell patterns of paths to leave out, also when included. */
  readonly exclude?: string | readonly string[] | undefined;
}

/**
 * A test for {@link PathFilter}.
 *
 * Source: Python's `fnmatch`, as huggingface_hub applies it: `*` crosses folders, `data/` means `data/*`.
 */
export function pathMatcher({ include, exclude }: PathFilter): (path: string) => boolean {
  const included = include === undefined ? undefined : expressions(include);
  const excluded = expressions(exclude ?? []);
  return (path) =>
    (!included || included.some((expression) => expression.test(path))) &&
    !excluded.some((expression) => expression.test(path));
}

function expressions(patterns: string | readonly string[]): readonly RegExp[] {
  return (typeof patterns === "string" ? [patterns] : patterns).map((pattern) => {
    const slashed = pattern.replaceAll("\\", "/");
    return patternToRegExp(slashed.endsWith("/") ? `${slashed}*` : slashed);
  });
}

/** `*` any text, `?` one character, `[abc]`, `[a-z]`, `[!a]` one of or none of a set. */
function patternToRegExp(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const end = character === "[" ? endOfSet(pattern, at) : -1;
    if (end > at) {
      source += setSource(pattern.slice(at + 1, end));
      at = end;
    } else if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else source += character.replace(/[$()*+.?[\\\]^{|}]/, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`, "su");
  } catch (cause) {
    throw new SyntaxError(`"${pattern}" is not a shell pattern: a set in it has no meaning`, {
      cause,
    });
  }
}

/** A bracket right at a set's beginning belongs to the set. */
function endOfSet(pattern: string, start: number): number {
  const first = pattern.charAt(start + 1) === "!" ? start + 2 : start + 1;
  return pattern.indexOf("]", first + 1);
}

function setSource(body: string): string {
  const negated = body.startsWith("!");
  const characters = (negated ? body.slice(1) : body).replace(/[\\\]^[]/g, "\\$&");
  return `[${negated ? "^" : ""}${characters}]`;
}
