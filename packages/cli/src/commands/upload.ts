import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, HUB_OPTIONS, REPO_OPTIONS, words } from "../command.ts";
import { repoFrom } from "../repo.ts";

export const usage = `bearhug upload ID PATH [FOLDER] [--message TEXT] [--include PATTERN]... [--exclude PATTERN]...
                [--delete PATTERN]... [--revision BRANCH] [--type dataset] [--json]

Uploads a file or a folder into a repository that exists, below FOLDER when one is given.
Files that the repository has already are left alone. Prints the commit's address.

  --message   First line of the commit's message
  --include   Only files that match, such as '*.safetensors'; may be repeated
  --exclude   Not the files that match; may be repeated
  --delete    Delete files of the repository that match and are not uploaded`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...HUB_OPTIONS,
      ...REPO_OPTIONS,
      message: { type: "string", short: "m" },
      include: { type: "string", multiple: true },
      exclude: { type: "string", multiple: true },
      delete: { type: "string", multiple: true },
    },
  });
  const [id = "", path = "", pathInRepo] = words(positionals, { min: 2, max: 3 });
  const hub = new HubClient({ endpoint: values.endpoint });
  const commit = await hub.uploadFolder(repoFrom(id, values), path, {
    title: values.message,
    include: values.include,
    exclude: values.exclude,
    deletePatterns: values.delete,
    pathInRepo,
    signal,
    onProgress: output.progress,
  });
  if (values.json) output.printJson(commit);
  else output.print(commit.url);
}
