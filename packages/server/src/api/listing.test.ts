import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "../scratch-hub.case.ts";

let hub: TestHub;

const CARDS: readonly [name: string, card: string][] = [
  ["alpha-bert", "tags: [red]\npipeline_tag: fill-mask\nlicense: mit\nlanguage: en"],
  [
    "beta-bert",
    "tags: [red, blue]\npipeline_tag: fill-mask\nlicense: apache-2.0\nlanguage: [en, de]",
  ],
  [
    "gamma-llama",
    "tags: [blue]\npipeline_tag: text-generation\nlicense: mit\nlibrary_name: transformers",
  ],
  ["delta_100%", "datasets: [squad]"],
];

beforeAll(async () => {
  hub = await openTestHub();
  const { token } = await hub.user("ada");
  for (const [name, card] of CARDS) {
    await hub.send("POST /api/repos/create", { token, body: { name: name.replace("%", "x") } });
    const files = { "README.md": `---\n${card}\n---\n` };
    await hub.commit(`models/ada/${name.replace("%", "x")}`, token, files);
  }
  const bob = await hub.user("bob");
  await hub.send("POST /api/repos/create", { token: bob.token, body: { name: "bert" } });
  await hub.send("POST /api/models/ada/beta-bert/like", { token: bob.token });
  await hub.send("POST /api/models/ada/beta-bert/like", { token: bob.token });
  await hub.send("POST /api/models/ada/gamma-llama/like", { token });
  await hub.send("DELETE /api/models/ada/gamma-llama/like", { token });
});

afterAll(() => hub[Symbol.asyncDispose]());

async function list(query: string): Promise<string[]> {
  const reply = await hub.send(`GET /api/models?${query}`);
  return ((await reply.json()) as { id: string }[]).map((item) => item.id.split("/")[1] ?? "");
}

describe("GET /api/models", () => {
  it.each([
    ["search=BERT", ["alpha-bert", "beta-bert", "bert"]],
    ["search=ada/al", ["alpha-bert"]],
    ["search=bert&search=alpha", ["alpha-bert"]],
    ["search=a_1", ["delta_100x"]],
    ["search=%25", []],
    ["search='%20or%201=1--", []],
    ["author=ADA&search=bert", ["alpha-bert", "beta-bert"]],
    ["author=nobody", []],
    ["filter=red", ["alpha-bert", "beta-bert"]],
    ["filter=red&filter=blue", ["beta-bert"]],
    ["filter[]=red&filter[]=license:mit", ["alpha-bert"]],
    ["filter=de", ["beta-bert"]],
    ["filter=dataset:squad", ["delta_100x"]],
    ["filter=transformers", ["gamma-llama"]],
    ["pipeline_tag=fill-mask", ["alpha-bert", "beta-bert"]],
    ["gated=true", []],
  ])("%s", async (query, names) => {
    expect((await list(`${query}&sort=id`)).sort()).toEqual([...names].sort());
  });

  it("orders, most of it first", async () => {
    expect(await list("sort=likes&limit=1")).toEqual(["beta-bert"]);
    expect((await list("sort=createdAt&direction=-1"))[0]).toBe("bert");
    expect(await list("sort=id&author=ada")).toEqual([
      "alpha-bert",
      "beta-bert",
      "delta_100x",
      "gamma-llama",
    ]);
  });

  it.each(["lastModified", "createdAt", "likes", "downloads", "id", "trendingScore"])(
    "pages by %s without gaps or repeats",
    async (sort) => {
      const seen: string[] = [];
      let next: string | undefined = `/api/models?sort=${sort}&limit=2&search=a`;
      for (let page = 0; next && page < 10; page++) {
        const reply: Response = await hub.send(`GET ${next}`);
        seen.push(...((await reply.json()) as { id: string }[]).map((item) => item.id));
        next = /^<http:\/\/hub\.test(\/[^>]*)>; rel="next"$/.exec(
          reply.headers.get("link") ?? "",
        )?.[1];
      }
      expect([...seen].sort()).toEqual([
        "ada/alpha-bert",
        "ada/beta-bert",
        "ada/delta_100x",
        "ada/gamma-llama",
      ]);
    },
  );

  it("gives the keys that were asked for", async () => {
    const one = async (query: string) => {
      const reply = await hub.send(`GET /api/models?search=gamma&${query}`);
      return ((await reply.json()) as Record<string, unknown>[])[0] ?? {};
    };
    expect(Object.keys(await one("expand=likes&expand[]=gated")).sort()).toEqual([
      "_id",
      "gated",
      "id",
      "likes",
    ]);
    expect(await one("full=true&cardData=true")).toMatchObject({
      sha: expect.any(String),
      siblings: [{ rfilename: ".gitattributes" }, { rfilename: "README.md" }],
      cardData: { license: "mit" },
    });
    expect(await one("")).toMatchObject({
      modelId: "ada/gamma-llama",
      author: "ada",
      private: false,
      gated: false,
      pipeline_tag: "text-generation",
      library_name: "transformers",
    });
  });

  it.each(["sort=price", "limit=-1", "limit=x", "cursor=abc", "cursor=WzEsMl0", "expand=password"])(
    "refuses %s",
    async (query) => {
      const reply = await hub.send(`GET /api/models?${query}`);
      expect(reply.status).toBe(400);
      const { error } = (await reply.json()) as { error: string };
      if (query.startsWith("expand")) expect(error).toMatch(/^"expand" must be one of \[author, /);
    },
  );
});

describe("tags and quick search", () => {
  it("groups tags by type", async () => {
    const groups = await (await hub.send("GET /api/models-tags-by-type")).json();
    expect(groups).toMatchObject({
      pipeline_tag: [
        { id: "fill-mask", label: "Fill-Mask", type: "pipeline_tag" },
        { id: "text-generation", label: "Text Generation" },
      ],
      library: [{ id: "transformers", label: "Transformers" }],
      license: [{ id: "license:mit", label: "MIT" }, { id: "license:apache-2.0" }],
      language: [
        { id: "en", label: "English" },
        { id: "de", label: "German" },
      ],
      dataset: [{ id: "dataset:squad", label: "squad" }],
      other: [{ id: "blue" }, { id: "red" }],
    });
    const one = await (await hub.send("GET /api/models-tags-by-type?type=library")).json();
    expect(Object.keys(one as object)).toEqual(["library"]);
    expect((await hub.send("GET /api/datasets-tags-by-type")).status).toBe(200);
  });

  it("counts facets within a query", async () => {
    const { search } = hub.server.context.services;
    const facets = await search.facets(undefined, { type: "model", filter: ["red"] });
    expect(facets.other).toEqual([
      { id: "red", label: "red", count: 2 },
      { id: "blue", label: "blue", count: 1 },
    ]);
  });

  it("finds repositories and people", async () => {
    const found = await (await hub.send("GET /api/quicksearch?q=b&limit=1&type=model,user")).json();
    expect(found).toMatchObject({
      models: [{ id: "ada/beta-bert" }],
      modelsCount: 3,
      datasets: [],
      users: [{ user: "bob" }],
    });
  });

  it("lists a user's likes", async () => {
    expect(await (await hub.send("GET /api/users/bob/likes")).json()).toMatchObject([
      { repo: { name: "ada/beta-bert", type: "model" } },
    ]);
    expect((await hub.send("GET /api/users/nobody/overview")).status).toBe(404);
  });
});

describe("unknown addresses", () => {
  it.each([
    "GET /api/nope",
    "POST /api/models/ada/alpha-bert/nope",
    "GET /api/agent-harnesses",
    "HEAD /api/telemetry/x",
  ])("%s answers 404 in JSON", async (line) => {
    const reply = await hub.send(line, { token: (await hub.user("ada")).token });
    expect(reply.status).toBe(404);
    expect(reply.headers.get("content-type")).toMatch(/json/);
  });
});

describe("POST /api/validate-yaml", () => {
  it("answers in JSON, good or bad", async () => {
    const validate = (content: string) =>
      hub.send("POST /api/validate-yaml", { body: { content, repoType: "model" } });
    const good = await validate("---\nlicense: mit\n---\n");
    expect([good.status, await good.json()]).toEqual([200, { errors: [], warnings: [] }]);
    const bad = await validate("---\nlicense: beer\n---\n");
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({
      errors: [{ message: expect.stringContaining("license") }],
    });
    expect((await hub.send("POST /api/validate-yaml", { body: { content: 3 } })).status).toBe(400);
  });
});
