/** What strangers, read tokens and careless writers must not be able to do, over the whole server. */
import { createHash } from "node:crypto";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestHub, TEST_HOST, type TestHub, type TestUser } from "./scratch-hub.case.ts";

let hub: TestHub;
let ada: TestUser;

beforeAll(async () => {
  hub = await openTestHub();
  ada = await hub.user("ada");
});

afterAll(() => hub[Symbol.asyncDispose]());

const create = (user: TestUser, name: string) =>
  hub.send("POST /api/repos/create", { token: user.token, body: { name } });

const form = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };

function formTokenOf(page: string): string {
  return /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? "";
}

describe("an access token", () => {
  it("cannot make tokens, list them, or change the password: its role would end nowhere", async () => {
    const reader = await hub.user("ada", { role: "read" });
    const stranger = await (await hub.send("GET /login")).text();
    const fields = { form_token: formTokenOf(stranger), name: "more", role: "write", id: "x" };
    const body = new URLSearchParams({
      ...fields,
      current: "pass word",
      password: "new pass word",
    });
    for (const { token } of [reader, ada]) {
      for (const page of ["/settings/tokens", "/settings/account"]) {
        expect((await hub.send(`GET ${page}`, { token })).status).toBe(403);
      }
      for (const action of ["/settings/tokens", "/settings/tokens/revoke", "/settings/account"]) {
        const sent = { token, headers: form, body: body.toString() };
        expect((await hub.send(`POST ${action}`, sent)).status).toBe(403);
      }
    }
  });
});

describe("addresses", () => {
  it("of moved repositories never lead to another host", async () => {
    const domain = await hub.user("evil.example");
    await create(domain, "old");
    const body = { fromRepo: "evil.example/old", toRepo: "evil.example/new" };
    await hub.send("POST /api/repos/move", { token: domain.token, body });
    for (const path of ["//evil.example/old", "///evil.example/old", "//EVIL.example/new"]) {
      const location = (await hub.send(`GET ${path}`)).headers.get("location");
      expect(new URL(location ?? "", TEST_HOST).origin).toBe(TEST_HOST);
    }
  });

  it.each(["..%2F..", "%00", "a%00b", ".", "a%2F%2Fb", "..", "%2e%2e%2fx"])(
    "of a history with the path %s are answered",
    async (path) => {
      await create(ada, "history");
      const reply = await hub.send(`GET /ada/history/commits/main/${path}`);
      expect(reply.status).toBeLessThan(500);
    },
  );
});

describe("requests that would take the server's time", () => {
  it.each([
    `/api/models?search=${"a".repeat(60_000)}`,
    `/api/quicksearch?q=${"a".repeat(60_000)}`,
    `/models?search=${"a".repeat(60_000)}`,
    `/api/models?${"filter=a&".repeat(31)}`,
    `/datasets?${Array.from({ length: 3000 }, (_, i) => `filter=a${i}`).join("&")}`,
  ])("are refused: %.40s", async (path) => {
    expect((await hub.send(`GET ${path}`)).status).toBe(400);
  });

  it("are not read when a stranger sends them", async () => {
    const body = JSON.stringify({ name: "x", content: "a".repeat(1_000_000) });
    const refused = async (line: string) => {
      let read = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          read++;
          controller.enqueue(Buffer.from(body));
          if (read >= 10) controller.close();
        },
      });
      const [method = "", path = ""] = line.split(" ");
      const init = { method, body: stream, duplex: "half" };
      const reply = await hub.server.fetch(new Request(`${TEST_HOST}${path}`, init));
      expect(read).toBeLessThan(5);
      return reply.status;
    };
    expect(await refused("POST /api/repos/create")).toBe(401);
    expect(await refused("POST /api/repos/move")).toBe(401);
    expect(await refused("DELETE /api/repos/delete")).toBe(401);
    expect(await refused("POST /api/models/ada/x/preupload/main")).toBe(401);
    expect(await refused("POST /api/validate-yaml")).toBe(413);
  });

  it("are not queued without end: password checks", async () => {
    const token = formTokenOf(await (await hub.send("GET /login")).text());
    const signIn = (name: string) => {
      const body = new URLSearchParams({ form_token: token, name, password: "guess" });
      return hub.send("POST /login", { headers: form, body: body.toString() });
    };
    const replies = await Promise.all(Array.from({ length: 30 }, (_, i) => signIn(`nobody${i}`)));
    const statuses = new Set(replies.map((reply) => reply.status));
    expect([...statuses].sort()).toEqual([401, 429]);
  });
});

describe("files of a repository", () => {
  it("nested beyond reason leave a gap in its metadata, and the repository usable", async () => {
    await create(ada, "nested");
    const config = `{"model_type":"bert","auto_map":${"[".repeat(300_000)}${"]".repeat(300_000)}}`;
    await hub.commit("models/ada/nested", ada.token, { "config.json": config });
    expect((await hub.send("GET /api/models/ada/nested")).status).toBe(200);
    await hub.commit("models/ada/nested", ada.token, { "config.json": '{"model_type":"bert"}' });
    const info = await (await hub.send("GET /api/models/ada/nested")).json();
    expect(info).toMatchObject({ config: { model_type: "bert" } });
  });

  it("may hold tags that are no text", async () => {
    await create(ada, "half");
    const card = '---\ntags: ["\\ud800x"]\nlibrary_name: "\\udfff"\n---\n# Half\n';
    await hub.commit("models/ada/half", ada.token, { "README.md": card });
    for (const path of ["/ada/half", "/models", "/ada/half/blob/main/README.md"]) {
      expect((await hub.send(`GET ${path}`)).status).toBe(200);
    }
  });
});

describe("large files", () => {
  const bytes = Buffer.from("content that its owner wants gone");
  const oid = createHash("sha256").update(bytes).digest("hex");
  const batch = async (repo: string, request: object, token?: string) => {
    const sent = { body: request, ...(token === undefined ? {} : { token }) };
    return (await hub.send(`POST /${repo}.git/info/lfs/objects/batch`, sent)).json();
  };

  it("of a deleted repository are not reached through a new one of its name", async () => {
    await create(ada, "again");
    const objects = [{ oid, size: bytes.length }];
    const up = await batch("ada/again", { operation: "upload", objects }, ada.token);
    const upload = new URL(up.objects[0].actions.upload.href);
    await hub.send(`PUT ${upload.pathname}${upload.search}`, { body: new Uint8Array(bytes) });
    const down = await batch("ada/again", { operation: "download", objects });
    const { pathname, search } = new URL(down.objects[0].actions.download.href);
    expect(await (await hub.send(`GET ${pathname}${search}`)).text()).toBe(bytes.toString());

    const gone = { token: ada.token, body: { name: "again" } };
    await hub.send("DELETE /api/repos/delete", gone);
    await create(ada, "again");
    expect((await hub.send(`GET ${pathname}${search}`)).status).toBe(404);
  });

  it("in parts without number are not announced at once", async () => {
    await create(ada, "parts");
    const objects = Array.from({ length: 100 }, (_, i) => ({
      oid: i.toString(16).padStart(64, "0"),
      size: 1e13,
    }));
    const request = { operation: "upload", transfers: ["multipart"], objects };
    expect(await batch("ada/parts", request, ada.token)).toMatchObject({
      message: expect.stringContaining("too many parts"),
    });
  });
});

describe("a client that stalls", () => {
  const stalling = async (text: string) => {
    const listening = await hub.server.listen({ port: 0, stallMs: 300 });
    const socket = connect(Number(new URL(listening.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(text);
    return { socket, listening };
  };

  it("in the middle of its request is cut off", async () => {
    const { socket, listening } = await stalling(
      "POST /api/validate-yaml HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    );
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    await listening.close();
  });

  it("in the middle of an answer is cut off, and the file is closed", async () => {
    await create(ada, "stall");
    await hub.commit("models/ada/stall", ada.token, { "a.txt": "x".repeat(12_000_000) });
    const { socket, listening } = await stalling(
      "GET /ada/stall/resolve/main/a.txt HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    await sleep(1500);
    await listening.close();
    socket.destroy();
  });
});

describe("one repository, deleted while everybody is at work in it", () => {
  it("is there or is not there, and nothing in between", async () => {
    const { token } = ada;
    for (let round = 0; round < 3; round++) {
      const name = `busy-${round}`;
      await create(ada, name);
      await hub.commit(`models/ada/${name}`, token, { "a.txt": "1" });
      const api = `/api/models/ada/${name}`;
      const commit = '{"key":"header","value":{"summary":"x"}}\n';
      const requests = Array.from({ length: 3 }, (_, i) => [
        hub.send("DELETE /api/repos/delete", { token, body: { name } }),
        hub.send("POST /api/repos/move", {
          token,
          body: { fromRepo: `ada/${name}`, toRepo: `ada/${name}-moved-${i}` },
        }),
        hub.send(`POST ${api}/commit/main`, { token, body: commit }),
        hub.send(`POST ${api}/branch/b${i}`, { token, body: {} }),
        hub.send(`POST ${api}/super-squash/main`, { token, body: {} }),
        hub.send(`POST ${api}/like`, { token }),
        hub.send(`PUT ${api}/settings`, { token, body: { private: false } }),
        hub.send(`GET ${api}/commits/main`, { token }),
        hub.send(`GET ${api}/refs`, { token }),
        hub.send(`GET /ada/${name}`, { token }),
        hub.send(`GET /ada/${name}/info/refs?service=git-upload-pack`, { token }),
        hub.send("GET /api/models?full=true", { token }),
      ]);
      const replies = await Promise.all(requests.flat());
      const failed = replies.filter((reply) => reply.status >= 500);
      expect(await Promise.all(failed.map((reply) => reply.text()))).toEqual([]);
    }
  });
});
