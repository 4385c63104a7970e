import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Browser, createScratchSite, type ScratchSite } from "./browser.case.ts";

let site: ScratchSite;
let browser: Browser;

beforeAll(async () => {
  site = await createScratchSite();
});
beforeEach(() => {
  browser = site.open();
});
afterAll(() => site[Symbol.asyncDispose]());

describe("signing in", () => {
  it("leads back to where it was needed", async () => {
    const refused = await browser.get("/settings/tokens?x=1");
    expect(refused.status).toBe(302);
    const login = refused.headers.get("Location") ?? "";
    expect(login).toBe("/login?next=%2Fsettings%2Ftokens%3Fx%3D1");
    const html = await browser.html(login);
    const next = /name="next" value="([^"]+)"/.exec(html.slice(html.indexOf("<main")))?.[1] ?? "";
    const done = await browser.post("/login", { name: "ada", password: "ada-password", next });
    expect(done.status).toBe(303);
    expect(done.headers.get("Location")).toBe("/settings/tokens?x=1");
    const cookie = done.headers.get("Set-Cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect((await browser.get("/settings/tokens")).status).toBe(200);
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/.//evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "",
  ])("never leads to another site: %j", async (next) => {
    const done = await browser.post("/login", { name: "ada", password: "ada-password", next });
    expect(done.headers.get("Location")).toBe("/");
  });

  it("says the same for a wrong name and a wrong password, and keeps the name", async () => {
    const wrong = await browser.post("/login", { name: "ada", password: "nope" });
    expect(wrong.status).toBe(401);
    const html = await wrong.text();
    expect(html).toContain("do not belong together");
    expect(html).toContain('value="ada"');
    expect(html).not.toContain("nope");
    const unknown = await browser.post("/login", { name: "nobody", password: "nope" });
    expect(await unknown.text()).toContain("do not belong together");
  });

  it("slows down guessing", async () => {
    let last = 0;
    for (let n = 0; n < 12; n++) {
      last = (await browser.post("/login", { name: "victim", password: "guess" })).status;
    }
    expect(last).toBe(429);
  });

  it("ends with signing out, which a link alone cannot do", async () => {
    await browser.signIn("ada", "ada-password");
    expect((await browser.get("/logout")).status).toBe(200);
    expect((await browser.get("/settings/account")).status).toBe(200);
    await browser.post("/logout", {});
    expect((await browser.get("/settings/account")).status).toBe(302);
  });
});

describe("forms", () => {
  it("are refused when another site sends them, or without their token", async () => {
    await browser.signIn("ada", "ada-password");
    const fields = { name: "stolen", role: "write" };
    const foreign = await browser.post("/settings/tokens", fields, {
      headers: { Origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    const tokenless = await browser.post("/settings/tokens", { ...fields, form_token: "x" });
    expect(tokenless.status).toBe(403);
    const other = site.open();
    await other.signIn("eve", "eve-password");
    const foreignToken =
      /name="form_token" value="([^"]+)"/.exec(await other.html("/settings/tokens"))?.[1] ?? "";
    const swapped = await browser.post("/settings/tokens", { ...fields, form_token: foreignToken });
    expect(swapped.status).toBe(403);
    expect(await browser.html("/settings/tokens")).toContain("You have no tokens yet");
  });

  it("are refused when they are too large, or no forms", async () => {
    const large = await browser.post("/login", { name: "x".repeat(300_000), password: "x" });
    expect(large.status).toBe(413);
    const broken = await browser.post(
      "/login",
      {},
      { headers: { "Content-Type": "multipart/form-data; boundary=x" } },
    );
    expect(broken.status).toBe(400);
    expect((await browser.get("/login")).status).toBe(200);
  });

  it("switch the theme without script", async () => {
    const done = await browser.post("/-/theme", { theme: "dark", next: "/models" }, { page: "/" });
    expect(done.headers.get("Location")).toBe("/models");
    expect(await browser.html("/models")).toContain('<html lang="en" data-theme="dark">');
    await browser.post("/-/theme", { theme: '"><script>', next: "/" }, { page: "/" });
    expect(await browser.html("/")).toContain('<html lang="en">');
  });
});

describe("access tokens", () => {
  it("are shown once, work, and can be revoked", async () => {
    await browser.signIn("ada", "ada-password");
    const created = await browser.post("/settings/tokens", { name: "laptop <1>", role: "write" });
    expect(created.status).toBe(303);
    const html = await browser.html("/settings/tokens");
    const token = /hf_[A-Za-z0-9]+/.exec(html)?.[0] ?? "";
    expect(token).not.toBe("");
    const list = await browser.html("/settings/tokens");
    expect(list).not.toContain(token);
    expect(list).toContain("laptop &lt;1&gt;");
    const whoami = () => site.open().get("/api/whoami-v2", { Authorization: `Bearer ${token}` });
    expect((await whoami()).status).toBe(200);
    const id = /name="id" value="([^"]+)"/.exec(list)?.[1] ?? "";
    await browser.post("/settings/tokens/revoke", { id }, { page: "/settings/tokens" });
    expect((await whoami()).status).toBe(401);
  });

  it("need a name", async () => {
    await browser.signIn("ada", "ada-password");
    expect((await browser.post("/settings/tokens", { name: " ", role: "read" })).status).toBe(400);
  });
});

describe("the password", () => {
  it("changes only with the old one, signs out elsewhere and stays signed in here", async () => {
    await site.server.context.services.accounts.create({ name: "kim", password: "kim-password" });
    const elsewhere = site.open();
    await elsewhere.signIn("kim", "kim-password");
    await browser.signIn("kim", "kim-password");
    const change = (current: string, password: string, repeated = password) =>
      browser.post("/settings/account", { current, password, repeated });
    expect((await change("wrong", "new-password")).status).toBe(400);
    expect((await change("kim-password", "new-password", "other")).status).toBe(400);
    expect((await change("kim-password", "short")).status).toBe(400);
    expect((await change("kim-password", "new-password")).status).toBe(303);
    expect((await browser.get("/settings/account")).status).toBe(200);
    expect((await elsewhere.get("/settings/account")).status).toBe(302);
    expect((await site.open().signIn("kim", "new-password")).status).toBe(303);
  });
});

describe("repositories", () => {
  it("are created, filled, made private, renamed and deleted by forms alone", async () => {
    await browser.signIn("ada", "ada-password");
    const created = await browser.post("/new", {
      type: "dataset",
      name: "bees",
      license: "mit",
      visibility: "public",
    });
    expect(created.headers.get("Location")).toBe("/datasets/ada/bees");
    const file = new File(["a,b\n1,2\n"], "rows.csv");
    const uploaded = await browser.post("/datasets/ada/bees/upload/main", {
      files: file,
      message: "Rows",
    });
    expect(uploaded.headers.get("Location")).toBe("/datasets/ada/bees/tree/main");
    expect(await browser.html("/datasets/ada/bees/blob/main/rows.csv")).toContain("1,2");
    const large = await browser.post("/datasets/ada/bees/upload/main", {
      files: new File(["PAR1"], "rows.parquet"),
    });
    expect(large.status).toBe(400);
    expect(await large.text()).toContain("large file storage");
    const settings = "/datasets/ada/bees/settings";
    await browser.post(settings, { action: "visibility", visibility: "private" });
    expect((await site.open().get("/datasets/ada/bees")).status).toBe(404);
    const renamed = await browser.post(settings, { action: "rename", name: "wasps" });
    expect(renamed.headers.get("Location")).toBe("/datasets/ada/wasps/settings?saved");
    expect((await browser.get("/datasets/ada/bees")).headers.get("Location")).toBe(
      "/datasets/ada/wasps",
    );
    const page = "/datasets/ada/wasps/settings";
    expect((await browser.post(page, { action: "delete", confirmation: "wasps" })).status).toBe(
      400,
    );
    const deleted = await browser.post(page, { action: "delete", confirmation: "ada/wasps" });
    expect(deleted.headers.get("Location")).toBe("/datasets");
    expect((await browser.get("/datasets/ada/wasps")).status).toBe(404);
  });

  it("are refused with what was typed still in the form", async () => {
    await browser.signIn("ada", "ada-password");
    const bad = await browser.post("/new", { type: "model", name: "..", visibility: "private" });
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain('value=".."');
    await browser.post("/new", { type: "model", name: "twice", visibility: "public" });
    const again = await browser.post("/new", {
      type: "model",
      name: "twice",
      visibility: "public",
    });
    expect(again.status).toBe(409);
  });

  it("belong to their owners", async () => {
    await browser.signIn("ada", "ada-password");
    await browser.post("/new", { type: "model", name: "mine", visibility: "public" });
    const eve = site.open();
    await eve.signIn("eve", "eve-password");
    expect((await eve.get("/ada/mine/settings")).status).toBe(403);
    expect((await eve.get("/ada/mine/upload/main")).status).toBe(403);
    const attempt = await eve.post(
      "/ada/mine/settings",
      { action: "delete", confirmation: "ada/mine" },
      { page: "/settings/account" },
    );
    expect(attempt.status).toBe(403);
    expect((await browser.get("/ada/mine")).status).toBe(200);
    const upload = await eve.post(
      "/ada/mine/upload/main",
      { files: new File(["x"], "x.txt") },
      { page: "/settings/account" },
    );
    expect(upload.status).toBe(403);
  });
});
