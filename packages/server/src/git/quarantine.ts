/** Objects that were received but not accepted: a folder beside the repository's, which only the push's own checks see. */
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../store/blobs/durable-files.ts";
import { spawnGit, writeInput } from "../store/repositories/git-process.ts";
import { PackContents } from "./pack-contents.ts";

/** Old tools wrote these; they harm nobody. */
const TOLERATED = ["badTimezone", "missingSpaceBeforeDate", "zeroPaddedFilemode", "emptyName"];
/** Names that could escape from a checkout. */
const REFUSED = ["hasDot", "hasDotdot", "hasDotgit", "fullPathname"];

const STRICTNESS = [
  ...TOLERATED.map((name) => `${name}=ignore`),
  ...REFUSED.map((name) => `${name}=error`),
].join(",");

/** Most memory that Git takes at once for an object of a stranger: a small pack may hold one of any size. */
const MAX_ALLOCATION = "512m";

export interface Quarantine extends AsyncDisposable {
  /** Environment in which Git sees the quarantined objects beside the repository's. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Stores and checks the pack; `progress` gets what Git tells about it.
   * Returns what went wrong, or `undefined`. Reads `pack` to its end either way.
   */
  receive(
    pack: AsyncIterable<Uint8Array>,
    options: { readonly progress?: (text: string) => void; readonly onInputEnd?: () => void },
  ): Promise<string | undefined>;
  /** What was received; `undefined` when nothing was. */
  contents(): Promise<PackContents | undefined>;
  /** Makes the objects the repository's own, durably. */
  accept(): Promise<void>;
}

export async function openQuarantine(directory: string, signal: AbortSignal): Promise<Quarantine> {
  const objects = join(directory, "objects");
  // Git's own name for such folders: its tools, and ours, know that a leftover may be removed.
  const folder = await mkdtemp(join(objects, "tmp_objdir-incoming-"));
  const env = {
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
    GIT_QUARANTINE_PATH: folder,
  };
  return {
    env,
    async receive(pack, { progress, onInputEnd }) {
      const args = ["index-pack", "--stdin", "--fix-thin", `--strict=${STRICTNESS}`];
      if (progress) args.push("--show-resolving-progress");
      const limited = { ...env, GIT_ALLOC_LIMIT: MAX_ALLOCATION };
      const child = spawnGit({ directory, env: limited, args, signal });
      child.stdout.resume();
      if (progress) child.stderr.on("data", (text: Buffer) => progress(text.toString()));
      try {
        await writeInput(child, pack);
        // After a failure: the client reads the answer only when it has sent everything.
        for await (const _ of pack);
      } catch (error) {
        child.kill("SIGKILL");
        await child.ended;
        throw error;
      }
      onInputEnd?.();
      const { code, stderr } = await child.ended;
      signal.throwIfAborted();
      return code === 0 ? undefined : lastLine(stderr);
    },
    contents: () => PackContents.read(join(folder, "pack")),
    async accept() {
      const from = join(folder, "pack");
      const to = join(objects, "pack");
      const names = await readdir(from).catch(() => []);
      // The index last: a pack exists for readers once its index does.
      for (const name of names.sort((a, b) => weight(a) - weight(b))) {
        await rename(join(from, name), join(to, name));
      }
      await syncDirectory(to);
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function weight(name: string): number {
  if (name.endsWith(".idx")) return 2;
  return name.endsWith(".pack") ? 0 : 1;
}

/** As Git unquotes a path in a list of paths. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, "\\$&")}"`;
}

function lastLine(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => /^(?:fatal|error): /.test(line));
  return (lines.at(0) ?? stderr.split("\n").at(-1) ?? "").replace(/^\w+: /, "").slice(0, 300);
}
