import { processIdentity } from "#platform";
import type { FileSystem } from "../platform/platform.ts";

/**
 * A file on its way to become `finished`, under a name of this process alone, so that processes that
 * do not know of each other (Python's among them) never write to the same file.
 * What a failed or dead process left behind is taken over by renaming: only one can win that.
 */
export interface PartialFile {
  readonly path: string;
  /** Bytes that are there already. */
  readonly size: number;
  /** Leaves it for whoever wants the same content next. */
  release(): Promise<void>;
}

/** Takes over an abandoned part of `finished`, or names a new one. */
export async function claimPartialFile(files: FileSystem, finished: string): Promise<PartialFile> {
  const slash = finished.lastIndexOf("/");
  const folder = finished.slice(0, slash);
  const name = finished.slice(slash + 1);
  const path = partialPath(finished, processIdentity.id);
  for (const item of await files.list(folder)) {
    if (!isAbandonedPart(item.name, name)) continue;
    if (await renamed(files, `${folder}/${item.name}`, path)) break;
  }
  const size = (await files.status(path))?.size ?? 0;
  const release = () => renamed(files, path, partialPath(finished, RELEASED));
  return {
    path,
    size,
    release: async () => {
      await release();
    },
  };
}

const RELEASED = "released";
const PART = /^(?<content>.+)\.(?<owner>[\w-]+)\.[0-9a-f]{8}\.incomplete$/;

/** `<content>.<who writes>.<random>.incomplete`; Python's have one part less, and are left alone. */
function partialPath(finished: string, owner: string): string {
  return `${finished}.${owner}.${crypto.randomUUID().slice(0, 8)}.incomplete`;
}

/** Whether `name` is a part of `content` (default: of anything) that nobody writes to. */
export function isAbandonedPart(name: string, content?: string): boolean {
  const part = PART.exec(name)?.groups;
  const owner = part?.["owner"];
  if (!owner || (content !== undefined && part["content"] !== content)) return false;
  return owner === RELEASED || !processIdentity.isAlive(owner);
}

async function renamed(files: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to);
    return true;
  } catch {
    // Somebody else was faster, or it is finished and gone.
    return false;
  }
}
