import { once } from "node:events";
import { parseArgs } from "node:util";
import { createHubServer } from "@bearhug/server";
import { type Context, UsageError } from "../command.ts";
import { dataDirFrom } from "../data-dir.ts";

export const usage = `bearhug serve [--data DIR] [--host HOST] [--port PORT] [--public-url URL] [--json]

Starts a Hub and prints its address when it is ready. The first start creates an administrator and
says how to sign in. Ctrl-C ends it.

  --data         Folder that holds everything. Default BEARHUG_DATA, else ./data
  --host         Address to listen at. Default 127.0.0.1: this machine only
  --port         Default PORT, else 8080; 0 takes a free one
  --public-url   Address under which others reach it, when a proxy stands before it`;

export async function run(args: readonly string[], { output, signal }: Context): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      host: { type: "string" },
      port: { type: "string" },
      "public-url": { type: "string" },
      json: { type: "boolean" },
    },
  });
  const port = portFrom(values.port ?? process.env["PORT"] ?? "8080");
  const dataDir = dataDirFrom(values.data);
  await using server = await createHubServer({ dataDir, publicUrl: values["public-url"] });
  const { url } = await server.listen({ host: values.host, port });
  const address = values["public-url"] ?? url;
  const first = server.firstAdministrator;
  if (first) {
    output.note(`Created the administrator "${first.account.name}".`);
    output.note(`Sign in at ${address}/login with the password ${first.password}`);
    output.note(`It is shown this once; data is kept in ${dataDir}\n`);
  }
  if (values.json) output.printJson({ url, dataDir });
  else output.print(`Bearhug is ready at ${url}`);
  if (!signal.aborted) await once(signal, "abort");
  output.note("Closing: requests under way may finish.");
}

function portFrom(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port must be a number from 0 to 65535, got "${text}"`);
}
