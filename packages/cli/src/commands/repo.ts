import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, HUB_OPTIONS, UsageError, words } from "../command.ts";
import { repoFrom } from "../repo.ts";

export const usage = `bearhug repo create ID [--private] [--exist-ok] [--license ID] [--type dataset] [--json]
       bearhug repo delete ID [--missing-ok] [--type dataset]

Creates a repository and prints its address, or deletes one with all its history.`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...HUB_OPTIONS,
      type: { type: "string" },
      private: { type: "boolean" },
      license: { type: "string" },
      "exist-ok": { type: "boolean" },
      "missing-ok": { type: "boolean" },
    },
  });
  const [action, id = ""] = words(positionals, { min: 2 });
  const hub = new HubClient({ endpoint: values.endpoint });
  const repo = repoFrom(id, { type: values.type });
  if (action === "delete") {
    return hub.deleteRepo(repo, { missingOk: values["missing-ok"], signal });
  }
  if (action !== "create") throw new UsageError(`unexpected "${action}"`);
  const { private: isPrivate, license } = values;
  const existOk = values["exist-ok"];
  const created = await hub.createRepo(repo, { private: isPrivate, license, existOk, signal });
  if (values.json) output.printJson(created);
  else output.print(created.url);
}
