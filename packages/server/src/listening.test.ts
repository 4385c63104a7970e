import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Listening } from "./http/listen.ts";
import { openTestHub, type TestHub } from "./scratch-hub.case.ts";

let hub: TestHub;
let listening: Listening;
let port: number;

beforeAll(async () => {
  hub = await openTestHub();
  listening = await hub.server.listen({ port: 0 });
  port = Number(new URL(listening.url).port);
});

afterAll(() => hub[Symbol.asyncDispose]());

/** Sends bytes as they are and gives what comes back until the server hangs up, or a second has passed. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    const done = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", done);
    socket.on("error", done);
    setTimeout(done, 1000);
  });
}

describe("listen()", () => {
  it("builds addresses from the host that the client called, or the proxy names", async () => {
    const { token } = await hub.user("ada");
    const create = async (name: string, headers: Record<string, string>) => {
      const reply = await fetch(`${listening.url}/api/repos/create`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: JSON.stringify({ name }),
      });
      return ((await reply.json()) as { url: string }).url;
    };
    expect(await create("a", {})).toBe(`http://127.0.0.1:${port}/ada/a`);
    const proxy = { "x-forwarded-proto": "https", "x-forwarded-host": "hub.example" };
    expect(await create("b", proxy)).toBe("https://hub.example/ada/b");
    const evil = { "x-forwarded-proto": "javascript", "x-forwarded-host": 'evil"><script>' };
    expect(await create("c", evil)).toBe(`http://127.0.0.1:${port}/ada/c`);
  });

  it("answers while the body still comes when it will not take it, and goes on on the connection", async () => {
    const { token } = await hub.user("grace");
    const headers = { authorization: `Bearer ${token}` };
    const repo = { ...headers, "content-type": "application/json" };
    const made = JSON.stringify({ name: "bodies" });
    await fetch(`${listening.url}/api/repos/create`, { method: "POST", headers: repo, body: made });
    const access = await fetch(`${listening.url}/api/models/grace/bodies/xet-write-token/main`, {
      headers,
    });
    const { accessToken, casUrl } = (await access.json()) as Record<string, string>;
    const noise = new Uint8Array(20_000_000).fill(7);
    for (let round = 0; round < 3; round++) {
      const reply = await fetch(`${casUrl}/v1/xorbs/default/${"ab".repeat(32)}`, {
        method: "POST",
        headers: { authorization: `Bearer ${accessToken}` },
        body: noise,
      });
      expect(reply.status).toBe(400);
      expect(await reply.text()).toContain("refused");
    }
    const text = "x".repeat(17_000_000);
    const large = await fetch(`${listening.url}/api/validate-yaml`, { method: "POST", body: text });
    expect(large.status).toBe(413);
    expect((await fetch(`${listening.url}/healthcheck`)).status).toBe(200);
  });

  it.each<[string, string]>([
    ["no request", "garbage\r\n\r\n"],
    ["another version", "GET / HTTP/9.9\r\n\r\n"],
    ["a broken address", "GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["empty segments", "GET //// HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["bytes that are no text", "GET /%00%ff%zz HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["a broken host", "GET / HTTP/1.1\r\nHost: a b c\r\n\r\n"],
    ["no host", "GET / HTTP/1.1\r\n\r\n"],
    [
      "a negative length",
      "POST /api/repos/create HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ],
    [
      "broken chunks",
      "POST /api/validate-yaml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ["an endless address", `GET /?${"x".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000"],
  ])("lives through %s", async (_, text) => {
    await raw(text);
    expect((await fetch(`${listening.url}/healthcheck`)).status).toBe(200);
  });

  it("stops sending when the client goes away, and closes at once", async () => {
    const { token } = await hub.user("ada");
    await hub.send("POST /api/repos/create", { token, body: { name: "big" } });
    await hub.commit("models/ada/big", token, { "a.txt": "x".repeat(5_000_000) });
    const aborting = new AbortController();
    const reply = await fetch(`${listening.url}/ada/big/resolve/main/a.txt`, {
      signal: aborting.signal,
    });
    await reply.body?.getReader().read();
    aborting.abort();
    const second = await hub.server.listen({ port: 0 });
    await (await fetch(`${second.url}/healthcheck`)).text();
    await second.close();
    await second.close();
    await expect(fetch(`${second.url}/healthcheck`)).rejects.toThrow();
  });
});

describe("an error that nobody foresaw", () => {
  it("is answered with a request id and no details, and logged without tokens", async () => {
    const { token } = await hub.user("ada");
    const { repositories } = hub.server.context.services as {
      repositories: { open: unknown };
    };
    const before = repositories.open;
    const written: string[] = [];
    const write = process.stderr.write;
    process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      repositories.open = () => Promise.reject(new Error(`broken pipe of ${token} in /secret`));
      const reply = await hub.send("GET /api/models/ada/x", {
        token,
        headers: { "x-request-id": "abc-1" },
      });
      expect(reply.status).toBe(500);
      expect(reply.headers.get("x-request-id")).toBe("abc-1");
      expect(await reply.json()).toEqual({ error: "Internal error: request id abc-1" });
    } finally {
      process.stderr.write = write;
      repositories.open = before;
    }
    expect(written.join("")).toContain("abc-1 GET /api/models/ada/x: Error: broken pipe of hf_***");
    expect(written.join("")).not.toContain(token);
  });
});
