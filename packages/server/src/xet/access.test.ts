import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { content } from "../../../../fixtures/xet/content.ts";
import { openXetHub, prepare, type XetTestHub } from "./xet-hub.case.ts";

const weights = content({ kind: "weights", size: 700_000 });

let xetHub: XetTestHub;
beforeEach(async () => {
  xetHub = await openXetHub();
});
afterEach(() => xetHub[Symbol.asyncDispose]());

describe("access", () => {
  test("knowing hashes opens nothing of another's private repository", async () => {
    const bob = await xetHub.hub.user("bob");
    await xetHub.createRepo(bob, "bob/second");
    const file = prepare(weights);
    await xetHub.upload(await xetHub.token(xetHub.ada, "ada/first"), file);
    const xet = await xetHub.token(bob, "bob/second");
    expect(
      (await xetHub.send(`GET /cas/v2/reconstructions/${file.hash}`, { token: xet })).status,
    ).toBe(404);
    expect((await xetHub.send(`HEAD /cas/v1/files/${file.hash}`, { token: xet })).status).toBe(404);
    expect(
      (await xetHub.send(`HEAD /cas/v1/xorbs/default/${file.xorb.hash}`, { token: xet })).status,
    ).toBe(404);
    expect(
      (await xetHub.send(`GET /cas/v1/chunks/default/${file.xorb.chunks[0].hash}`, { token: xet }))
        .status,
    ).toBe(404);
    expect(
      (await xetHub.post(`/v1/xorb-grants/default/${file.xorb.hash}`, xet, new Uint8Array(0)))
        .status,
    ).toBe(404);
    expect((await xetHub.post("/v1/shards", xet, file.shard)).status).toBe(400);
    expect(
      (await xetHub.send("GET /api/models/ada/first/xet-read-token/main", { token: bob.token }))
        .status,
    ).toBe(404);
    // Whoever has the bytes may store them, and shares the space.
    expect((await xetHub.upload(xet, file)).at(-1)).toMatchObject({ type: "result" });
    expect((await xetHub.download(xet, file.hash)).equals(weights)).toBe(true);
  });

  test("one's own uploads can be used in another repository; so can public content", async () => {
    const file = prepare(weights);
    await xetHub.upload(await xetHub.token(xetHub.ada, "ada/first"), file);
    await xetHub.createRepo(xetHub.ada, "ada/public", false);
    expect(
      (await xetHub.post("/v1/shards", await xetHub.token(xetHub.ada, "ada/public"), file.shard))
        .status,
    ).toBe(200);
    const bob = await xetHub.hub.user("bob");
    await xetHub.createRepo(bob, "bob/second");
    expect(
      (await xetHub.post("/v1/shards", await xetHub.token(bob, "bob/second"), file.shard)).status,
    ).toBe(200);
  });

  test("strangers read public repositories only, and write nowhere", async () => {
    await xetHub.createRepo(xetHub.ada, "ada/public", false);
    const file = prepare(weights);
    await xetHub.upload(await xetHub.token(xetHub.ada, "ada/public"), file);
    await xetHub.hub.commit("models/ada/public", xetHub.ada.token, { "a.txt": "a" });
    const reply = await xetHub.send("GET /api/models/ada/public/xet-read-token/main");
    const { accessToken } = await reply.json();
    expect((await xetHub.download(accessToken, file.hash)).equals(weights)).toBe(true);
    expect((await xetHub.send("GET /api/models/ada/first/xet-read-token/main")).status).toBe(401);
    expect((await xetHub.send("GET /api/models/ada/public/xet-write-token/main")).status).toBe(401);
    const bob = await xetHub.hub.user("bob");
    expect(
      (await xetHub.send("GET /api/models/ada/public/xet-write-token/main", { token: bob.token }))
        .status,
    ).toBe(403);
    // Nobody can propose changes here, so nobody may store content for a proposal.
    const proposal = "GET /api/models/ada/public/xet-write-token/main?create_pr=1";
    expect((await xetHub.send(proposal, { token: bob.token })).status).toBe(403);
    expect((await xetHub.send(proposal)).status).toBe(401);
    expect((await xetHub.send(proposal, { token: xetHub.ada.token })).status).toBe(422);
  });

  test("a data address opens its bytes, and only those", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(weights);
    await xetHub.upload(xet, file);
    const headers = { range: "bytes=300000-310000" };
    const reply = await xetHub.send(`GET /cas/v2/reconstructions/${file.hash}`, {
      token: xet,
      headers,
    });
    const [{ url, ranges }] = (await reply.json()).xorbs[file.xorb.hash];
    const path = url.replace("http://hub.test", "");
    const get = (where: string, range: string) =>
      xetHub.send(`GET ${where}`, { headers: { range } });
    const { start, end } = ranges[0].bytes;
    expect((await get(path, `bytes=${start}-${end}`)).status).toBe(206);
    expect((await get(path, `bytes=${start + 5}-${end - 5}`)).status).toBe(206);
    expect((await get(path, `bytes=${start - 1}-${end}`)).status).toBe(403);
    expect((await get(path, `bytes=${start}-${end + 1}`)).status).toBe(403);
    expect((await get(path, "bytes=0-1,2-3")).status).toBe(403);
    expect((await get(path, "bytes=-5")).status).toBe(400);
    expect((await xetHub.send(`GET ${path}`)).status).toBe(400);
    expect(
      (await get(path.replace(/expires=\d+/, "expires=9999999999"), `bytes=${start}-${end}`))
        .status,
    ).toBe(403);
    expect((await get(path.replace(/bytes=\d+/, "bytes=0"), "bytes=0-5")).status).toBe(403);
  });
});
