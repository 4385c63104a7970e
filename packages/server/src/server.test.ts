import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestHub, type TestHub } from "./scratch-hub.case.ts";

let hub: TestHub;

beforeEach(async () => {
  hub = await openTestHub();
});

afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

describe("createHubServer()", () => {
  it("creates an administrator at its first start only", async () => {
    const first = hub.server.firstAdministrator;
    expect(first?.account).toMatchObject({ name: "admin", isAdmin: true });
    const { accounts } = hub.server.context.services;
    expect(await accounts.signIn("admin", first?.password ?? "")).toBeDefined();
    await hub.restart();
    expect(hub.server.firstAdministrator).toBeUndefined();
  });

  it("takes a repository through its life", async () => {
    const { token } = await hub.user("ada");
    const created = await hub.send("POST /api/repos/create", { token, body: { name: "bert" } });
    expect(await created.json()).toMatchObject({
      url: "http://hub.test/ada/bert",
      name: "ada/bert",
    });
    await hub.commit("models/ada/bert", token, { "config.json": '{"model_type":"bert"}' });
    const info = await hub.send("GET /api/models/ada/bert");
    expect(await info.json()).toMatchObject({
      id: "ada/bert",
      library_name: "transformers",
      tags: ["transformers", "bert"],
      siblings: [{ rfilename: ".gitattributes" }, { rfilename: "config.json" }],
    });
    const file = await hub.send("GET /ada/bert/resolve/main/config.json");
    expect(await file.text()).toBe('{"model_type":"bert"}');
    await hub.restart();
    expect((await hub.send("GET /api/models")).status).toBe(200);
    const gone = await hub.send("DELETE /api/repos/delete", { token, body: { name: "bert" } });
    expect(gone.status).toBe(200);
    expect((await hub.send("GET /api/models/ada/bert", { token })).status).toBe(404);
  });
});
