import { parseArgs } from "node:util";
import { logout } from "@bearhug/hub";
import type { Context } from "../command.ts";

export const usage = `bearhug logout

Forgets the stored token. The Hub still accepts it: revoke it on the Hub's token page.`;

export async function run(args: readonly string[], { output }: Context): Promise<void> {
  parseArgs({ args: [...args], options: {} });
  const found = await logout();
  output.note(found ? "The stored token is gone." : "There was no stored token.");
}
