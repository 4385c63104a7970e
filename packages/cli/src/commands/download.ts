import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, HUB_OPTIONS, REPO_OPTIONS, words } from "../command.ts";
import { repoFrom } from "../repo.ts";

export const usage = `bearhug download ID [FILE]... [--revision REVISION] [--include PATTERN]... [--exclude PATTERN]...
                  [--type dataset] [--json]

Downloads files, or the whole repository, into the cache, and prints where they are: each file's
path when files are named, else the folder.

  --include   Only files that match, such as '*.json'; may be repeated
  --exclude   Not the files that match; may be repeated`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...HUB_OPTIONS,
      ...REPO_OPTIONS,
      include: { type: "string", multiple: true },
      exclude: { type: "string", multiple: true },
    },
  });
  const [id = "", ...files] = words(positionals, { min: 1, max: Number.POSITIVE_INFINITY });
  const hub = new HubClient({ endpoint: values.endpoint });
  const repo = repoFrom(id, values);
  const options = { signal, onProgress: output.progress };
  const places: string[] = [];
  for (const file of files) places.push(await hub.downloadToCache(repo, file, options));
  if (files.length === 0) {
    const { include, exclude } = values;
    places.push(await hub.snapshot(repo, { include, exclude, ...options }));
  }
  if (values.json) output.printJson(places);
  else output.print(places.join("\n"));
}
