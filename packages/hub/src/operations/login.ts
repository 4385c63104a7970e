import { environment, fileSystem } from "#platform";
import { type ConnectionOptions, createConnection } from "../connection.ts";
import { UnsupportedPlatformError } from "../errors.ts";
import type { FileSystem } from "../platform/platform.ts";
import { type Identity, whoAmI } from "./who-am-i.ts";

export interface LoginOptions extends Omit<ConnectionOptions, "token"> {
  readonly token: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks an access token and stores it where this library and Python's look for it:
 * `$HF_HOME/token`, and under its name in `$HF_HOME/stored_tokens`.
 *
 * @throws {AuthenticationError} when the Hub does not know the token.
 */
export async function login({ token, signal, ...options }: LoginOptions): Promise<Identity> {
  const { files, tokenFile, storedTokens } = places("login()");
  const identity = await whoAmI(createConnection({ ...options, token }), { signal });
  const name = (identity.token?.name ?? `token-${identity.name}`).replace(/[\]\r\n]/g, "");
  const others = sections(await files.readText(storedTokens)).filter((one) => one.name !== name);
  const all = [...others, { name, text: `[${name}]\nhf_token = ${token}` }];
  await files.writeText(storedTokens, writeSections(all), { secret: true });
  await files.writeText(tokenFile, token, { secret: true });
  return identity;
}

/** Forgets the stored token; whether there was one. */
export async function logout(): Promise<boolean> {
  const { files, tokenFile, storedTokens } = places("logout()");
  const token = (await files.readText(tokenFile))?.trim();
  await files.remove(tokenFile);
  const all = sections(await files.readText(storedTokens));
  const holdsToken = (line: string) => line.replace(/^hf_token\s*[=:]\s*/, "") === token;
  const kept = all.filter(({ text }) => !text.split("\n").some(holdsToken));
  if (kept.length < all.length) {
    if (kept.length === 0) await files.remove(storedTokens);
    else await files.writeText(storedTokens, writeSections(kept), { secret: true });
  }
  return token !== undefined && token !== "";
}

interface Places {
  readonly files: FileSystem;
  readonly tokenFile: string;
  readonly storedTokens: string;
}

function places(what: string): Places {
  const { tokenFile } = environment();
  if (!fileSystem || !tokenFile) throw new UnsupportedPlatformError(what);
  const storedTokens = tokenFile.replace(/[^/\\]*$/, "stored_tokens");
  return { files: fileSystem, tokenFile, storedTokens };
}

/** The file is in INI form: a section a token. */
function sections(
  text: string | undefined,
): readonly { readonly name: string; readonly text: string }[] {
  return (text ?? "")
    .split(/^(?=\[)/m)
    .map((section) => ({ name: /^\[([^\]]*)\]/.exec(section)?.[1] ?? "", text: section.trim() }))
    .filter(({ name }) => name !== "");
}

function writeSections(all: readonly { readonly text: string }[]): string {
  return all.map(({ text }) => `${text}\n\n`).join("");
}
