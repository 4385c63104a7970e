import { serializeShard } from "@bearhug/xet";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { content } from "../../../../fixtures/xet/content.ts";
import { openXetHub, prepare, type XetTestHub } from "./xet-hub.case.ts";

let xetHub: XetTestHub;
beforeEach(async () => {
  xetHub = await openXetHub();
});
afterEach(() => xetHub[Symbol.asyncDispose]());

describe("a hostile shard", () => {
  test("cannot have the same chunks hashed billions of times", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(content({ kind: "weights", size: 100_000 }));
    const term = { xorb: file.xorb.hash, start: 0, end: 8192, size: 8192 };
    const terms = Array.from({ length: 3000 }, () => term);
    const verification = terms.map(() => "0".repeat(64));
    const shard = serializeShard({ files: [{ hash: file.hash, terms, verification }], xorbs: [] });
    const reply = await xetHub.post("/v1/shards", xet, shard);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain("has more than 16777216 chunks");
  });

  test("of a repository that is gone is told so", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(content({ kind: "weights", size: 100_000 }));
    await xetHub.post(`/v1/xorbs/default/${file.xorb.hash}`, xet, file.xorb.bytes);
    const body = { name: "first" };
    await xetHub.send("DELETE /api/repos/delete", { token: xetHub.ada.token, body });
    expect((await xetHub.post("/v1/shards", xet, file.shard)).status).toBe(404);
  });

  test("is given up when its sender is gone", async () => {
    const xet = await xetHub.token(xetHub.ada, "ada/first");
    const file = prepare(content({ kind: "weights", size: 3_000_000 }));
    await xetHub.post(`/v1/xorbs/default/${file.xorb.hash}`, xet, file.xorb.bytes);
    const request = new Request("http://hub.test/cas/v1/shards", {
      method: "POST",
      headers: { authorization: `Bearer ${xet}` },
      body: new Uint8Array(file.shard),
      signal: AbortSignal.abort(),
    });
    await xetHub.hub.server.fetch(request);
    expect((await xetHub.send(`HEAD /cas/v1/files/${file.hash}`, { token: xet })).status).toBe(404);
  });
});
