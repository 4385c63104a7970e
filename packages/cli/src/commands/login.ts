import { parseArgs } from "node:util";
import { HubClient, login } from "@bearhug/hub";
import { type Context, HUB_OPTIONS } from "../command.ts";

export const usage = `bearhug login [--token TOKEN] [--endpoint URL] [--json]

Checks an access token and stores it where Python's clients look for it too. Without --token it is
asked for, or read from standard input.`;

export async function run(
  args: readonly string[],
  { output, signal, readSecret }: Context,
): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...HUB_OPTIONS, token: { type: "string" } },
  });
  const { endpoint } = new HubClient({ endpoint: values.endpoint });
  const token =
    values.token ?? (await readSecret(`Token from ${endpoint}/settings/tokens (not shown): `));
  const identity = await login({ endpoint, token, signal });
  if (values.json) output.printJson(identity);
  else output.print(`Signed in to ${endpoint} as ${identity.name}`);
}
