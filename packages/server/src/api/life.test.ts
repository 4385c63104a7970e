import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "../scratch-hub.case.ts";

let hub: TestHub;
let token: string;

beforeAll(async () => {
  hub = await openTestHub();
  token = (await hub.user("ada")).token;
});

afterAll(() => hub[Symbol.asyncDispose]());

async function create(body: object) {
  const reply = await hub.send("POST /api/repos/create", { token, body });
  return { status: reply.status, ...((await reply.json()) as Record<string, unknown>) };
}

const move = (fromRepo: string, toRepo: string) =>
  hub.send("POST /api/repos/move", { token, body: { fromRepo, toRepo, type: "model" } });

describe("POST /api/repos/create", () => {
  it("takes the forms of all clients", async () => {
    expect(await create({ name: "a" })).toMatchObject({
      status: 200,
      url: "http://hub.test/ada/a",
    });
    expect(await create({ name: "ada/b", type: "dataset", visibility: "private" })).toMatchObject({
      url: "http://hub.test/datasets/ada/b",
      name: "ada/b",
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
    const files = [
      { path: "x.txt", content: Buffer.from("x").toString("base64"), encoding: "base64" },
    ];
    expect(await create({ name: "c", organization: "Ada", license: "mit", files })).toMatchObject({
      status: 200,
    });
    expect(await (await hub.send("GET /ada/c/resolve/main/x.txt")).text()).toBe("x");
    const info = await (await hub.send("GET /api/models/ada/c")).json();
    expect(info).toMatchObject({ tags: ["license:mit"], cardData: { license: "mit" } });
    const commits = await (await hub.send("GET /api/models/ada/c/commits/main")).json();
    expect(commits).toMatchObject([{ title: "initial commit" }]);
  });

  it("gives the address of one that exists, whatever its case", async () => {
    await create({ name: "Same" });
    expect(await create({ name: "sAME" })).toMatchObject({
      status: 409,
      url: "http://hub.test/ada/Same",
      error: expect.stringContaining("already"),
    });
  });

  it("lets one of many win", async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => create({ name: "race" })));
    expect(all.map((item) => item.status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const { database } = hub.server.context;
    expect(await database.selectFrom("pending_storage").selectAll().execute()).toEqual([]);
  });

  it.each([
    "",
    "a b",
    "a/b/c",
    "-a",
    "a.",
    "a--b",
    "a..b",
    "x.git",
    "ä",
    "a\u0000",
    "x".repeat(97),
    ".",
  ])("refuses the name %j", async (name) => {
    expect([400, 403]).toContain((await create({ name })).status);
  });

  it.each([
    {},
    { name: 3 },
    { name: "x", type: "app" },
    { name: "x", visibility: "secret" },
    { name: "x", license: "beer" },
    { name: "x", files: [{ path: "../x", content: "" }] },
    { name: "x", files: [{ path: ".git/config", content: "" }] },
  ])("refuses %j and leaves nothing", async (body) => {
    expect([400, 422]).toContain((await create(body)).status);
    expect((await hub.send("GET /api/models/ada/x", { token })).status).toBe(404);
    const { database } = hub.server.context;
    expect(await database.selectFrom("pending_storage").selectAll().execute()).toEqual([]);
  });
});

describe("POST /api/repos/move", () => {
  it("leaves redirects under every old name", async () => {
    await create({ name: "one" });
    await hub.commit("models/ada/one", token, { "a.txt": "a" });
    expect(await (await move("ada/one", "ada/two")).json()).toEqual({
      url: "http://hub.test/ada/two",
    });
    await move("ada/two", "ada/Three");
    for (const [line, location] of [
      ["GET /api/models/ada/one?expand=likes", "/api/models/ada/Three?expand=likes"],
      ["GET /api/models/ada/two/tree/main", "/api/models/ada/Three/tree/main"],
      ["HEAD /ada/one/resolve/main/a.txt", "/ada/Three/resolve/main/a.txt"],
      ["GET /ada/two/raw/main/a.txt", "/ada/Three/raw/main/a.txt"],
      ["POST /api/models/ada/one/preupload/main", "/api/models/ada/Three/preupload/main"],
      [
        "GET /ada/one.git/info/refs?service=git-upload-pack",
        "/ada/Three.git/info/refs?service=git-upload-pack",
      ],
      ["GET /api/models/ADA/three", "/api/models/ada/Three"],
    ] as const) {
      const reply = await hub.send(line, {
        token,
        ...(line.startsWith("POST") && { body: { files: [] } }),
      });
      expect([line, reply.status, reply.headers.get("location")]).toEqual([line, 307, location]);
    }
    expect(await (await hub.send("GET /ada/Three/resolve/main/a.txt")).text()).toBe("a");
  });

  it("frees the old name for a new repository", async () => {
    await create({ name: "old" });
    await move("ada/old", "ada/new");
    expect(await create({ name: "old" })).toMatchObject({ status: 200 });
    expect((await hub.send("GET /api/models/ada/old")).status).toBe(200);
    expect((await move("ada/old", "ada/new")).status).toBe(409);
    expect((await move("ada/new", "bob/new")).status).toBe(403);
    expect((await move("ada/new", "nonsense")).status).toBe(400);
  });

  it("does not tell strangers where a private repository went", async () => {
    await create({ name: "secret", private: true });
    await move("ada/secret", "ada/hidden");
    expect((await hub.send("GET /api/models/ada/secret")).status).toBe(401);
    expect((await hub.send("GET /api/models/ada/secret", { token })).status).toBe(307);
  });
});

describe("PUT settings", () => {
  it("hides and shows, in lists and tags too", async () => {
    await create({ name: "shy" });
    await hub.commit("models/ada/shy", token, { "README.md": "---\ntags: [shy-tag]\n---\n" });
    const set = (body: object) => hub.send("PUT /api/models/ada/shy/settings", { token, body });
    const tags = async () => {
      const facets = await hub.server.context.services.search.facets(undefined, { type: "model" });
      return facets.other.filter((facet) => facet.id === "shy-tag").length;
    };
    expect(await tags()).toBe(1);
    expect(await (await set({ visibility: "private" })).json()).toMatchObject({ private: true });
    expect(await tags()).toBe(0);
    expect((await hub.send("GET /api/models/ada/shy")).status).toBe(401);
    expect(await (await set({ private: false, gated: "auto" })).json()).toMatchObject({
      private: false,
      gated: "auto",
    });
    expect(await (await set({ gated: false })).json()).toMatchObject({ gated: false });
    for (const body of [{ gated: "maybe" }, { gated: true }, { private: "yes" }, []]) {
      expect((await set(body)).status).toBe(400);
    }
  });
});

describe("DELETE /api/repos/delete", () => {
  it("removes the row, its redirects, and the storage", async () => {
    await create({ name: "doomed" });
    await move("ada/doomed", "ada/gone");
    const { database, repositories } = hub.server.context;
    const { _id } = (await (await hub.send("GET /api/models/ada/gone")).json()) as { _id: string };
    const remove = () => hub.send("DELETE /api/repos/delete", { token, body: { name: "gone" } });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
    expect((await hub.send("GET /api/models/ada/doomed", { token })).status).toBe(404);
    expect(
      await repositories
        .open(_id)
        .resolve("HEAD")
        .catch(() => undefined),
    ).toBeUndefined();
    const left = await database
      .selectFrom("repository_tags")
      .select("tag")
      .where("repository_id", "=", _id)
      .execute();
    expect(left).toEqual([]);
  });
});
