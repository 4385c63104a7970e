import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, type SendOptions, type TestHub } from "../scratch-hub.case.ts";

let hub: TestHub;
let ada: string;
let reader: string;
let bob: string;
let root: string;

beforeAll(async () => {
  hub = await openTestHub();
  ada = (await hub.user("Ada")).token;
  reader = (await hub.user("Ada", { role: "read" })).token;
  bob = (await hub.user("bob")).token;
  root = (await hub.user("root", { isAdmin: true })).token;
  for (const [name, isPrivate] of [
    ["open", false],
    ["closed", true],
    ["gated", false],
  ] as const) {
    await hub.send("POST /api/repos/create", { token: ada, body: { name, private: isPrivate } });
    await hub.commit(`models/Ada/${name}`, ada, { "a.txt": "a" });
  }
  const gate = { token: ada, body: { gated: "manual" } };
  await hub.send("PUT /api/models/Ada/gated/settings", gate);
});

afterAll(() => hub[Symbol.asyncDispose]());

async function answer(line: string, options: SendOptions = {}) {
  const reply = await hub.send(line, options);
  const text = await reply.text();
  return {
    status: reply.status,
    code: reply.headers.get("x-error-code"),
    message: reply.headers.get("x-error-message"),
    error: text.startsWith("{") ? JSON.parse(text).error : undefined,
  };
}

const NOT_FOUND = { status: 404, code: "RepoNotFound", message: "Repository not found" };
const SIGN_IN = { status: 401, code: "RepoNotFound", message: "Invalid username or password." };
const ADDRESSES = [
  "GET /api/models/Ada/closed",
  "GET /api/models/Ada/closed/tree/main",
  "GET /api/models/Ada/closed/refs",
  "GET /Ada/closed/resolve/main/a.txt",
  "HEAD /Ada/closed/raw/main/a.txt",
  "GET /Ada/closed.git/info/refs?service=git-upload-pack",
  "GET /api/models/Ada/closed/xet-read-token/main",
  "POST /api/models/Ada/closed/commit/main",
  "GET /api/models/Ada/missing",
  "GET /api/models/gpt2",
  "GET /api/datasets/Ada/open",
];

describe("a private or missing repository", () => {
  it.each(ADDRESSES)("%s: 401 to strangers", async (line) => {
    expect(await answer(line)).toMatchObject({ status: 401, code: "RepoNotFound" });
  });

  it.each(ADDRESSES)("%s: 404 to others", async (line) => {
    expect(await answer(line, { token: bob })).toMatchObject({ status: 404, code: "RepoNotFound" });
  });

  it("has the texts of the Hub", async () => {
    expect(await answer("GET /api/models/Ada/closed")).toMatchObject(SIGN_IN);
    expect(await answer("GET /api/models/Ada/closed", { token: bob })).toMatchObject(NOT_FOUND);
  });

  it("is open to its owner, to a token that reads, and to administrators", async () => {
    for (const token of [ada, reader, root]) {
      expect(await answer("GET /Ada/closed/resolve/main/a.txt", { token })).toMatchObject({
        status: 200,
      });
    }
  });

  it("stays out of lists and counts", async () => {
    const names = async (token?: string) => {
      const reply = await hub.send("GET /api/models?author=ada", token ? { token } : {});
      return ((await reply.json()) as { id: string }[]).map((item) => item.id).sort();
    };
    expect(await names()).toEqual(["Ada/gated", "Ada/open"]);
    expect(await names(bob)).toEqual(["Ada/gated", "Ada/open"]);
    expect(await names(reader)).toEqual(["Ada/closed", "Ada/gated", "Ada/open"]);
    expect(await names(root)).toHaveLength(3);
    const overview = await hub.send("GET /api/users/ada/overview", { token: bob });
    expect(await overview.json()).toMatchObject({ user: "Ada", numModels: 2 });
  });
});

describe("a gated repository", () => {
  it("shows its description to everybody", async () => {
    expect(await answer("GET /api/models/Ada/gated")).toMatchObject({ status: 200 });
    expect(await answer("GET /api/models/Ada/gated/tree/main")).toMatchObject({ status: 200 });
  });

  it.each([
    "GET /Ada/gated/resolve/main/a.txt",
    "HEAD /Ada/gated/resolve/main/a.txt",
    "GET /Ada/gated/raw/main/a.txt",
    "GET /api/models/Ada/gated/xet-read-token/main",
    "GET /api/models/Ada/gated/auth-check",
  ])("%s: its files to its owner only", async (line) => {
    expect(await answer(line)).toMatchObject({ status: 401, code: "GatedRepo" });
    expect(await answer(line, { token: bob })).toMatchObject({ status: 403, code: "GatedRepo" });
    expect(await answer(line, { token: ada })).toMatchObject({ status: 200 });
  });
});

describe("writing", () => {
  const WRITES = [
    "POST /api/models/Ada/open/commit/main",
    "POST /api/models/Ada/open/branch/x",
    "POST /api/models/Ada/open/tag/main",
    "PUT /api/models/Ada/open/settings",
    "POST /api/models/Ada/open/super-squash/main",
    "GET /api/models/Ada/open/xet-write-token/main",
    "GET /api/models/Ada/open/auth-check/write",
  ];
  it.each(WRITES)("%s is refused to all but the owner", async (line) => {
    const body = line.startsWith("GET") ? {} : { body: { tag: "t" } };
    expect((await answer(line, body)).status).toBe(401);
    expect((await answer(line, { token: bob, ...body })).status).toBe(403);
    expect((await answer(line, { token: reader, ...body })).status).toBe(403);
  });

  it("refuses creation and deletion outside one's namespace", async () => {
    const body = { name: "x", organization: "Ada" };
    const create = { token: bob, body };
    expect((await answer("POST /api/repos/create", create)).status).toBe(403);
    expect((await answer("POST /api/repos/create", { body })).status).toBe(401);
    const remove = { token: bob, body: { name: "open", organization: "Ada" } };
    expect((await answer("DELETE /api/repos/delete", remove)).status).toBe(403);
    expect((await answer("POST /api/repos/create", { token: reader, body })).status).toBe(403);
  });

  it("lets administrators create for others, in namespaces that exist", async () => {
    const create = (organization: string) =>
      answer("POST /api/repos/create", { token: root, body: { name: "made", organization } });
    expect((await create("bob")).status).toBe(200);
    expect((await create("nobody")).status).toBe(404);
  });
});

describe("credentials", () => {
  it("says that a token is wrong, and not that the repository is", async () => {
    expect(await answer("GET /api/models/Ada/open", { token: "hf_wrongwrongwrong" })).toEqual({
      status: 401,
      code: null,
      message: "Invalid credentials in Authorization header",
      error: "Invalid credentials in Authorization header",
    });
  });

  it.each([
    ["the password", (token: string) => `hf_user:${token}`],
    ["the user name", (token: string) => `${token}:`],
  ])("takes a token as %s of Basic", async (_, pair) => {
    const authorization = `Basic ${Buffer.from(pair(ada)).toString("base64")}`;
    const reply = await hub.send("GET /api/whoami-v2", { headers: { authorization } });
    expect(await reply.json()).toMatchObject({
      type: "user",
      name: "Ada",
      auth: { type: "access_token", accessToken: { role: "write", displayName: "test" } },
    });
  });

  it.each(["Bearer", "Basic", "Basic !!!", "Digest x", "Bearer  ", "x".repeat(9000)])(
    "answers 401 to %j",
    async (authorization) => {
      const reply = await hub.send("GET /api/whoami-v2", { headers: { authorization } });
      expect(reply.status).toBe(401);
    },
  );

  it("challenges Git, and only Git", async () => {
    const git = await hub.send("GET /Ada/closed.git/info/refs?service=git-upload-pack");
    expect(git.headers.get("www-authenticate")).toMatch(/^Basic realm=/);
    const api = await hub.send("GET /api/models/Ada/closed");
    expect(api.headers.get("www-authenticate")).toBeNull();
  });
});

describe("a session", () => {
  async function cookie(): Promise<string> {
    const { accounts } = hub.server.context.services;
    const signedIn = await accounts.signIn("ADA", "pass word");
    return `bearhug_session=${signedIn?.session}`;
  }

  it("reads and writes from this site's pages", async () => {
    const headers = { cookie: await cookie(), origin: "http://hub.test" };
    expect((await answer("GET /api/models/Ada/closed", { headers })).status).toBe(200);
    const body = { tag: "from-page" };
    const line = "POST /api/models/Ada/open/tag/main";
    expect((await answer(line, { headers, body })).status).toBe(200);
  });

  it.each([
    { origin: "http://evil.test" },
    { origin: "null" },
    { referer: "http://evil.test/x" },
    {},
  ])("does not write for other sites: %j", async (source) => {
    const headers = { cookie: await cookie(), ...source };
    const body = { tag: "evil" };
    const line = "POST /api/models/Ada/open/tag/main";
    expect((await answer(line, { headers, body })).status).toBe(403);
  });

  it("ends when it is signed out, and after its time", async () => {
    const { accounts } = hub.server.context.services;
    const session = (await accounts.signIn("ada", "pass word"))?.session ?? "";
    expect(await accounts.bySession(session)).toMatchObject({ name: "Ada" });
    await accounts.signOut(session);
    expect(await accounts.bySession(session)).toBeUndefined();
    expect(await accounts.signIn("ada", "wrong")).toBeUndefined();
    expect(await accounts.signIn("nobody", "pass word")).toBeUndefined();
  });
});

describe("stored secrets", () => {
  it("are hashes", async () => {
    const { database } = hub.server.context;
    const tokens = await database.selectFrom("access_tokens").select("token_hash").execute();
    expect(tokens.every((row) => /^[0-9a-f]{64}$/.test(row.token_hash))).toBe(true);
    const accounts = await database.selectFrom("accounts").select("password_hash").execute();
    expect(accounts.every((row) => row.password_hash.startsWith("scrypt$32768$8$1$"))).toBe(true);
  });
});
