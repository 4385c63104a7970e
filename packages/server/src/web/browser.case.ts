/** Signs in and reads pages as a browser does: cookies, hidden fields, redirects by hand. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHubServer, type HubServer } from "../server.ts";

export const ORIGIN = "http://hub.test";

export interface Browser {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  html(path: string): Promise<string>;
  json(path: string): Promise<Record<string, unknown>>;
  /** Sends a form of `page` with its hidden token. */
  post(
    path: string,
    fields: Readonly<Record<string, string | File>>,
    options?: { readonly page?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
  signIn(name: string, password: string): Promise<Response>;
}

export interface ScratchSite extends AsyncDisposable {
  readonly server: HubServer;
  /** A browser without cookies. */
  open(): Browser;
}

/** A Hub in a temporary folder with the people Ada (owner) and Eve (stranger), whose passwords are `<name>-password`. */
export async function createScratchSite(): Promise<ScratchSite> {
  const dataDir = await mkdtemp(join(tmpdir(), "bearhug-web-"));
  const now = (): Date => new Date("2026-11-23T12:00:00Z");
  const server = await createHubServer({ dataDir, now });
  for (const name of ["ada", "eve"]) {
    await server.context.services.accounts.create({ name, password: `${name}-password` });
  }
  return {
    server,
    open: () => openBrowser(server),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function openBrowser(server: HubServer): Browser {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookie !== "") headers.set("Cookie", cookie);
    const response = await server.fetch(new Request(ORIGIN + path, { ...init, headers }));
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const get: Browser["get"] = (path, headers = {}) =>
    send(path, { headers: { Accept: "text/html", ...headers } });
  const html: Browser["html"] = async (path) => (await get(path)).text();
  const post: Browser["post"] = async (path, fields, { page = path, headers = {} } = {}) => {
    const token = /name="form_token" value="([^"]+)"/.exec(await html(page))?.[1] ?? "";
    const body = new FormData();
    for (const [name, value] of Object.entries({ form_token: token, ...fields })) {
      body.append(name, value);
    }
    return send(path, { method: "POST", body, headers: { Origin: ORIGIN, ...headers } });
  };
  return {
    get,
    html,
    post,
    // Pages answer with objects.
    json: async (path) =>
      (await (await get(path, { Accept: "application/json" })).json()) as Record<string, unknown>,
    signIn: (name, password) => post("/login", { name, password, next: "/" }, { page: "/login" }),
  };
}
