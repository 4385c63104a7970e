import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, UsageError, words } from "../command.ts";
import { formatBytes, formatTable } from "../format.ts";

export const usage = `bearhug cache list | prune [--json]

  list    What has been downloaded, and how much room it takes
  prune   Remove snapshots that no branch or tag points to any more, and parts of broken downloads`;

export async function run(args: readonly string[], { output }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const [action] = words(positionals, { min: 1 });
  const hub = new HubClient();
  if (action === "prune") {
    const pruned = await hub.pruneCache();
    if (values.json) return output.printJson(pruned);
    const { revisions, parts, freedBytes } = pruned;
    return output.print(
      `Removed ${revisions.length} snapshots and ${parts} parts of downloads: ${formatBytes(freedBytes)} freed`,
    );
  }
  if (action !== "list") throw new UsageError(`unexpected "${action}"`);
  const repos = await hub.listCache();
  if (values.json) return output.printJson(repos);
  const rows = repos.map((repo) => [
    repo.type,
    repo.name,
    formatBytes(repo.sizeBytes),
    repo.revisions
      .flatMap(({ refs, commit }) => (refs.length > 0 ? refs : [commit.slice(0, 8)]))
      .join(", "),
  ]);
  output.print(formatTable(rows, { right: [2] }));
}
