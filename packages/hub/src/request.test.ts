import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LibraryError } from "@bearhug/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HubClient } from "./client.ts";
import {
  AuthenticationError,
  ConflictError,
  EntryNotFoundError,
  GatedRepoError,
  HubApiError,
  HubConnectionError,
  OfflineError,
  RepositoryNotFoundError,
  RevisionNotFoundError,
} from "./errors.ts";

const TOKEN = "hf_secretsecretsecret";

let server: Server;
let endpoint: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: IncomingMessage[];

beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const client = (): HubClient => new HubClient({ endpoint, token: TOKEN, retryDelayMs: 2 });

function refuse(
  status: number,
  headers: Record<string, string>,
  body: unknown = { error: "Told you." },
) {
  return (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable("it should fail"),
    (error: unknown) => error,
  );
}

describe("a refused request", () => {
  test.each([
    [404, { "x-error-code": "RepoNotFound" }, RepositoryNotFoundError, "REPOSITORY_NOT_FOUND"],
    [401, { "x-error-code": "RepoNotFound" }, RepositoryNotFoundError, "REPOSITORY_NOT_FOUND"],
    [401, {}, RepositoryNotFoundError, "REPOSITORY_NOT_FOUND"],
    [404, { "x-error-code": "RevisionNotFound" }, RevisionNotFoundError, "REVISION_NOT_FOUND"],
    [404, { "x-error-code": "EntryNotFound" }, EntryNotFoundError, "ENTRY_NOT_FOUND"],
    [403, { "x-error-code": "GatedRepo" }, GatedRepoError, "GATED_REPOSITORY"],
    [
      401,
      { "x-error-message": "Invalid credentials in Authorization header" },
      AuthenticationError,
      "AUTHENTICATION_FAILED",
    ],
    [409, {}, ConflictError, "CONFLICT"],
    [412, {}, ConflictError, "CONFLICT"],
    [400, {}, HubApiError, "HUB_REQUEST_FAILED"],
    [403, {}, HubApiError, "HUB_REQUEST_FAILED"],
    [500, {}, HubApiError, "HUB_REQUEST_FAILED"],
  ])("with %i and %j is a %o", async (...[status, headers, type, code]) => {
    answer = refuse(status, { "x-request-id": "abc-1", ...headers });
    const error = await failure(client().repoInfo("ada/b@v1"));
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code, request: { status, requestId: "abc-1", method: "GET" } });
    expect((error as LibraryError).message).toMatch(/^Cannot read about "ada\/b"/);
    expect((error as LibraryError).message).not.toMatch(/\.$/);
  });

  test("never shows the token, not even when the server echoes it", async () => {
    answer = refuse(400, {}, { error: `bad header: Bearer ${TOKEN}` });
    const error = await failure(client().repoInfo("ada/b"));
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(TOKEN);
    expect((error as Error).message).toContain("[token]");
  });

  test("tells all of a list of reasons", async () => {
    answer = refuse(
      400,
      {},
      { error: "Invalid metadata in README.md.", errors: [{ message: '"license" is wrong' }] },
    );
    await expect(client().repoInfo("ada/b")).rejects.toThrow(
      'Invalid metadata in README.md.; "license" is wrong, status 400',
    );
  });
});

test("the token goes to the Hub only, not to where its pages point", async () => {
  const other = createServer((request, response) => {
    seen.push(request);
    response.setHeader("content-type", "application/json").end("[]");
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  answer = (_, response) => {
    response.setHeader("link", `<${elsewhere}/api/models?cursor=1>; rel="next"`);
    response.setHeader("content-type", "application/json").end('[{"id":"ada/b"}]');
  };
  const found = [];
  for await (const model of client().listModels()) found.push(model.id);
  other.closeAllConnections();
  other.close();
  expect(found).toEqual(["ada/b"]);
  expect(seen.map((request) => request.headers.authorization)).toEqual([
    `Bearer ${TOKEN}`,
    undefined,
  ]);
});

test("listings follow pages, keep the order, and stop at the limit", async () => {
  answer = (request, response) => {
    const url = new URL(request.url ?? "", endpoint);
    const page = Number(url.searchParams.get("cursor") ?? 0);
    url.searchParams.set("cursor", String(page + 1));
    if (page < 9) response.setHeader("link", `<${url.href}>; rel="next"`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify([0, 1].map((i) => ({ id: `ada/m${2 * page + i}` }))));
  };
  const ids: string[] = [];
  const listing = client().listModels({
    search: "m",
    filter: ["bert", "en"],
    sort: "likes",
    limit: 5,
  });
  for await (const { id } of listing) ids.push(id);
  expect(ids).toEqual(["ada/m0", "ada/m1", "ada/m2", "ada/m3", "ada/m4"]);
  expect(seen).toHaveLength(3);
  expect(seen[0]?.url).toBe("/api/models?search=m&filter=bert&filter=en&sort=likes&limit=5");
});

test("a page after the first is tried again when the server stumbles, after the time it asks for", async () => {
  answer = (request, response) => {
    if (!request.url?.includes("cursor")) {
      response.setHeader("link", `<${endpoint}/api/datasets?cursor=1>; rel="next"`);
      response.setHeader("content-type", "application/json").end('[{"id":"ada/a"}]');
    } else if (seen.length === 2) response.writeHead(429, { "retry-after": "0" }).end();
    else if (seen.length === 3) response.destroy();
    else response.setHeader("content-type", "application/json").end('[{"id":"ada/b"}]');
  };
  const ids: string[] = [];
  for await (const { id } of client().listDatasets()) ids.push(id);
  expect(ids).toEqual(["ada/a", "ada/b"]);
  expect(seen).toHaveLength(4);
});

test("an address without a Hub is reported with its reason", async () => {
  const away = new HubClient({ endpoint: "http://127.0.0.1:2", token: false });
  const error = await failure(away.whoAmI());
  expect(error).toBeInstanceOf(HubConnectionError);
  expect((error as Error).message).toContain("ECONNREFUSED");
});

test("an endpoint that is no address is named", async () => {
  const wrong = new HubClient({ endpoint: "hub.example", token: false });
  await expect(wrong.whoAmI()).rejects.toThrow("endpoint must be an address such as");
});

test("a page that is not JSON is reported, not parsed", async () => {
  answer = (_, response) => {
    response.setHeader("content-type", "text/html").end("<h1>It works!</h1>");
  };
  await expect(client().repoInfo("ada/b")).rejects.toThrow(HubConnectionError);
});

test("a reply of the wrong shape names the field", async () => {
  answer = refuse(200, {}, { id: "ada/b", downloads: "many" });
  await expect(client().repoInfo("ada/b")).rejects.toThrow(
    'downloads must be a number, got "many"',
  );
});

test("offline mode sends nothing", async () => {
  const offline = new HubClient({ endpoint, offline: true });
  await expect(offline.whoAmI()).rejects.toThrow(OfflineError);
  expect(seen).toEqual([]);
});

test("an aborted request rejects with the signal's reason", async () => {
  answer = () => {};
  const signal = AbortSignal.timeout(50);
  const error = await failure(client().whoAmI({ signal }));
  expect(error).toBe(signal.reason);
});

test("repoExists() is false for what is missing and true for what is gated", async () => {
  answer = refuse(404, { "x-error-code": "RepoNotFound" });
  expect(await client().repoExists("ada/b")).toBe(false);
  answer = refuse(403, { "x-error-code": "GatedRepo" });
  expect(await client().repoExists("ada/b")).toBe(true);
  answer = refuse(500, {});
  await expect(client().repoExists("ada/b")).rejects.toThrow(HubApiError);
});

test("createRepo() reads the address out of a conflict, and fails for another kind of conflict", async () => {
  answer = refuse(409, {}, { error: "exists", url: `${endpoint}/datasets/ada/reviews` });
  expect(await client().createRepo("datasets/ada/reviews", { existOk: true })).toEqual({
    type: "dataset",
    name: "ada/reviews",
    url: `${endpoint}/datasets/ada/reviews`,
  });
  answer = refuse(409, {}, { error: "another operation is in progress" });
  await expect(client().createRepo("ada/b", { existOk: true })).rejects.toThrow(ConflictError);
});

test("a handler in the place of fetch may redirect; the token stays on the Hub's own origin", async () => {
  const asked: [string, string | null][] = [];
  const client = new HubClient({
    endpoint: "http://hub.test",
    token: TOKEN,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      asked.push([request.url, request.headers.get("authorization")]);
      if (request.url.endsWith("/old"))
        return new Response(null, { status: 307, headers: { location: "/api/models/ada/new" } });
      if (request.url.endsWith("/new")) {
        return new Response(null, {
          status: 302,
          headers: { location: "http://other.test/api/models/ada/last" },
        });
      }
      return Response.json({ id: "ada/last" });
    },
  });
  expect((await client.repoInfo("ada/old")).id).toBe("ada/last");
  expect(asked).toEqual([
    ["http://hub.test/api/models/ada/old", `Bearer ${TOKEN}`],
    ["http://hub.test/api/models/ada/new", `Bearer ${TOKEN}`],
    ["http://other.test/api/models/ada/last", null],
  ]);
});
