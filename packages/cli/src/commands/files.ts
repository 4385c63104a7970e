import { parseArgs } from "node:util";
import { HubClient, type RepoEntry } from "@bearhug/hub";
import { type Context, HUB_OPTIONS, REPO_OPTIONS, words } from "../command.ts";
import { formatBytes, formatTable } from "../format.ts";
import { repoFrom } from "../repo.ts";

export const usage = `bearhug files ID [FOLDER] [--revision REVISION] [--type dataset] [--json]

Lists the files of a repository, with their sizes.`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...HUB_OPTIONS, ...REPO_OPTIONS },
  });
  const [id = "", path] = words(positionals, { min: 1, max: 2 });
  const hub = new HubClient({ endpoint: values.endpoint });
  const files: RepoEntry[] = [];
  for await (const entry of hub.listFiles(repoFrom(id, values), {
    path,
    recursive: true,
    signal,
  })) {
    if (entry.type === "file") files.push(entry);
  }
  if (values.json) return output.printJson(files);
  output.print(
    formatTable(
      files.map((file) => [formatBytes(file.size), file.path]),
      { right: [0] },
    ),
  );
}
