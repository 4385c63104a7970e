import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { type AccountService, openHub } from "@bearhug/server";
import { type Context, UsageError, words } from "../command.ts";
import { dataDirFrom } from "../data-dir.ts";

export const usage = `bearhug admin user create NAME [--admin] [--password PASSWORD] [--data DIR] [--json]
       bearhug admin token create NAME --role read|write [--name LABEL] [--data DIR] [--json]

Works on a Hub's data folder, beside a running server too. Without --password one is made up and
printed. "token create" prints the token alone; it is stored hashed and cannot be shown again.`;

export async function run(args: readonly string[], { output }: Context): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      admin: { type: "boolean" },
      password: { type: "string" },
      role: { type: "string" },
      name: { type: "string" },
      data: { type: "string" },
      json: { type: "boolean" },
    },
  });
  const [subject, action, name = ""] = words(positionals, { min: 3 });
  const isUser = subject === "user";
  if (action !== "create" || !(isUser || subject === "token")) {
    throw new UsageError(`unexpected "${subject} ${action}"`);
  }
  const role = isUser ? undefined : roleFrom(values.role);
  await using hub = await openHub({ dataDir: dataDirFrom(values.data) });
  const { accounts } = hub.context.services;
  if (role) {
    const made = await createToken(accounts, { name, role, label: values.name });
    return values.json ? output.printJson(made) : output.print(made.token);
  }
  const password = values.password ?? randomBytes(15).toString("base64url");
  await accounts.create({ name, password, isAdmin: values.admin ?? false });
  if (values.json) return output.printJson({ name, admin: values.admin ?? false, password });
  output.print(
    values.password ? `Created ${name}` : `Created ${name} with the password ${password}`,
  );
}

function roleFrom(text: string | undefined): "read" | "write" {
  if (text === "read" || text === "write") return text;
  throw new UsageError(`--role must be read or write, got ${text ? `"${text}"` : "nothing"}`);
}

async function createToken(
  accounts: AccountService,
  wanted: {
    readonly name: string;
    readonly role: "read" | "write";
    readonly label?: string | undefined;
  },
): Promise<{ readonly token: string; readonly name: string; readonly role: string }> {
  const { name, role, label = "command line" } = wanted;
  const account = await accounts.find(name);
  if (!account) throw new RangeError(`Cannot create a token for "${name}": there is no such user`);
  const { token } = await accounts.createToken(account, { displayName: label, role });
  return { token, name, role };
}
