import type { StoredTensor } from "./parameter.ts";

export interface Locations {
  /** The deepest directory above all the files; absent when no weight lies in a file. */
  readonly directory: string | undefined;
  /** Each file's path, relative to `directory`, with forward slashes. */
  readonly locations: ReadonlyMap<string, string>;
}

/**
 * Where ONNX external data lies. The engine takes one directory and refuses files outside it, so
 * checkpoints whose shards lie in several directories are given the one above them all.
 */
export function locate(tensors: readonly StoredTensor[]): Locations {
  const paths = new Set<string>();
  for (const { data } of tensors) if (!(data instanceof Uint8Array)) paths.add(data.path);
  if (paths.size === 0) return { directory: undefined, locations: new Map() };
  const split = new Map([...paths].map((path) => [path, path.split(/[\\/]/)]));
  const depth = commonDepth([...split.values()]);
  const locations = new Map<string, string>();
  let directory = "";
  for (const [path, parts] of split) {
    locations.set(path, parts.slice(depth).join("/"));
    directory = parts.slice(0, depth).join("/");
  }
  return { directory: directory === "" ? "/" : directory, locations };
}

/** How many leading parts all paths share, their file names left out. */
function commonDepth(paths: readonly (readonly string[])[]): number {
  const [first = [], ...others] = paths;
  let depth = 0;
  while (
    depth < first.length - 1 &&
    others.every((parts) => depth < parts.length - 1 && parts[depth] === first[depth])
  ) {
    depth++;
  }
  if (depth === 0) throw new RangeError("Weight files on different drives cannot be used together");
  return depth;
}
