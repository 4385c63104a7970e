import { parseArgs } from "node:util";
import { HubClient } from "@bearhug/hub";
import { type Context, HUB_OPTIONS } from "../command.ts";

export const usage = `bearhug whoami [--json]

Prints the account whose token is in use.`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: HUB_OPTIONS });
  const hub = new HubClient({ endpoint: values.endpoint });
  const identity = await hub.whoAmI({ signal });
  if (values.json) output.printJson(identity);
  else output.print(identity.name);
}
