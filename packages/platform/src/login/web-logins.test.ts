import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, beforeEach, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { type BrowserContext, chromium } from "playwright-core";
import { ANN, OPERATOR, openTestAccounts, PASSWORD, type TestAccounts } from "../testing/open-accounts.ts";
import { createMemoryBlobs } from "../testing/open-web.ts";
import { createWebServer, type WebServer } from "../web/system-web-server.ts";
import { createWebLogins } from "./web-logins.ts";

const BIND = `auth: .:users
routes:
  - { path: "/private/{rest*}", files: ".:files:/{rest}" }
  - { path: "/of-others/{rest*}", files: ".:files:/{rest}", auth: ".:others" }
  - { path: "/call", service: shop.v1.Shop/Buy }
  - { path: "/api/{method}", service: "shop.v1.Shop/{method}" }
  - { path: /open, redirect: /elsewhere, auth: none }
`;

let test: TestAccounts;
let web: WebServer;
let port: number;
/** As whom services were called. */
const agents: (string | undefined)[] = [];

before(async () => {
  test = await openTestAccounts();
  const { registry, clock, accounts } = test;
  const blobs = createMemoryBlobs();
  for (const [address, kind] of [
    ["demo.test:others", "UserBase"],
    ["demo.test:cfg", "FileSystem"],
    ["demo.test:files", "FileSystem"],
  ] as const)
    await registry.create({ address, kind }, OPERATOR);
  const file = (address: string, text: string) =>
    registry.create({ address, kind: "File", state: { content: blobs.put(Buffer.from(text)) } }, OPERATOR);
  await file("demo.test:cfg:/bind.yaml", BIND);
  await file(
    "demo.test:files:/index.html",
    "<title>Moons</title><link rel=icon href=data:,><h1>Moons</h1><a href='/-/logout'>Log out</a>",
  );
  await registry.change({ address: "demo.test", properties: { bind: "demo.test:cfg:/bind.yaml" } }, OPERATOR);
  const grant = { to: ANN, verbs: "r", on: "demo.test:files:**" };
  await registry.create({ address: "demo.test:for-ann", kind: "Grant", properties: grant }, OPERATOR);
  const caller = {
    has: () => true,
    call: async (_method: unknown, body: Uint8Array, { agent }: { agent?: string }) => {
      agents.push(agent);
      return body;
    },
    answer: async ({ agent }: { agent?: string }) => {
      agents.push(agent);
      return { status: 200, headers: new Headers(), body: new Uint8Array() };
    },
  };
  const logins = createWebLogins({ web: accounts.web, clock, random: createSeededRandom(5) });
  web = createWebServer({ registry, blobs, logins, caller: caller as never });
  port = Number(new URL(await web.listen()).port);
});
after(async () => {
  await web?.close({ timeoutMs: 100 });
  await test?.[Symbol.asyncDispose]();
});
beforeEach(() => test.clock.pass(60_000)); // Tries are counted by the minute.

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly cookies: readonly string[];
}

/** Asks the server as a host of its own would be. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Told> {
  const { method = "GET", headers = {}, body = "" } = options;
  const own = { host: "demo.test", accept: "text/html", ...headers };
  return new Promise((resolve, reject) => {
    request({ port, path, method, headers: own, agent: false }, async (answer) => {
      const text = Buffer.concat(await Array.fromAsync(answer)).toString("utf8");
      const cookies = answer.headers["set-cookie"] ?? [];
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, cookies });
    })
      .on("error", reject)
      .end(body);
  });
}

const pairOf = (cookie = "") => cookie.split(";")[0] ?? "";
const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Gets the form, and sends it. */
async function logIn(fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Told> {
  const form = await ask("/-/login?of=demo.test%3Ausers&to=%2Fprivate%2F", { headers });
  const csrf = /name="csrf" value="([^"]+)"/.exec(form.text)?.[1] ?? "";
  const all = { of: "demo.test:users", to: "/private/", csrf, name: "ann", password: PASSWORD, ...fields };
  const own = { ...FORM, ...headers, cookie: pairOf(form.cookies[0]) };
  return ask("/-/login", { method: "POST", headers: own, body: new URLSearchParams(all).toString() });
}

const session = async () => pairOf((await logIn()).cookies[0]);

describe("createWebLogins", () => {
  it("leads visitors to the login, and back to what only they who may read it see, which no cache keeps", async () => {
    const away = await ask("/private/?a=1");
    assert.deepEqual(
      [away.status, away.headers["location"]],
      [303, "/-/login?of=demo.test%3Ausers&to=%2Fprivate%2F%3Fa%3D1"],
    );
    const login = await logIn();
    assert.deepEqual([login.status, login.headers["location"]], [303, "/private/"]);
    const cookie = pairOf(login.cookies[0]);
    for (let time = 1; time <= 2; time++) {
      const page = await ask("/private/", { headers: { cookie } });
      assert.deepEqual(
        [page.status, page.headers["cache-control"], page.headers["vary"]],
        [200, "private, no-cache", "cookie"],
      );
      assert.match(page.text, /Moons/);
      assert.equal((await ask("/private/")).status, 303, "nobody else sees it, although it was just read");
    }
    assert.equal((await ask("/open")).status, 308);
    assert.equal((await ask("/private/", { headers: { accept: "application/json" } })).status, 401);
  });

  it("gives a cookie that no script sees, which is for this host alone where it came by TLS", async () => {
    const [plain = "", form = ""] = (await logIn()).cookies;
    assert.match(plain, /^orrery-session=orw_[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
    assert.match(form, /^orrery-form=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/);
    const tls = { "x-forwarded-proto": "https" };
    const [safe = ""] = (await logIn({}, tls)).cookies;
    assert.match(safe, /^__Host-orrery-session=orw_.*; HttpOnly; SameSite=Lax; Secure$/);
    const cookie = pairOf(safe);
    assert.equal((await ask("/private/", { headers: { cookie, ...tls } })).status, 200);
    const fixed = { cookie: cookie.replace("__Host-", ""), ...tls };
    assert.equal((await ask("/private/", { headers: fixed })).status, 303, "what another host may set is no session");
  });

  it("tells a wrong user as a wrong password, after as long, and lets nobody guess on", async () => {
    const told = [];
    for (const fields of [{ password: "wrong password" }, { name: "eve" }, { name: "bob" }]) {
      const before = test.clock.monotonic();
      const { status, text } = await logIn(fields);
      told.push([status, /role="alert">([^<]*)/.exec(text)?.[1], test.clock.monotonic() - before >= 300]);
    }
    assert.deepEqual(new Set(told.map(String)), new Set(["401,The name or the password is another.,true"]));
    let last: Told | undefined;
    for (let time = 1; time <= 7; time++) last = await logIn({ name: "mallory", password: "0123456789" });
    assert.deepEqual([last?.status, Number(last?.headers["retry-after"]) >= 1], [429, true]);
  });

  it("takes no form of another page, and leads nowhere else", async () => {
    assert.equal((await logIn({ csrf: "made up" })).status, 403);
    assert.equal((await logIn({}, { "sec-fetch-site": "cross-site" })).status, 403);
    for (const to of ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:alert(1)", ""])
      assert.equal((await logIn({ to })).headers["location"], "/", to);
    for (const list of ["other.test:users", "demo.test", "demo.test:<b>"])
      assert.equal((await ask(`/-/login?of=${encodeURIComponent(list)}`)).status, 404, list);
    const page = await logIn({ name: '"><script>alert(1)</script>' });
    assert.ok(page.status === 401 && !page.text.includes("<script"));
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
    assert.equal((await logIn({ name: "n".repeat(9_000) })).status, 413);
  });

  it("calls services as the user, and only for pages of the same host", async () => {
    const cookie = await session();
    const call = (headers: Record<string, string>) =>
      ask("/call", { method: "POST", body: "{}", headers: { cookie, "content-type": "application/json", ...headers } });
    assert.equal((await call({ origin: "http://demo.test" })).status, 200);
    assert.deepEqual(agents, [ANN]);
    for (const headers of [
      {},
      { origin: "http://evil.test" },
      { origin: "null" },
      { origin: "http://demo.test", "sec-fetch-site": "cross-site" },
    ])
      assert.equal((await call(headers)).status, 403, JSON.stringify(headers));
    const socket = (origin: string) =>
      ask("/private/", { headers: { cookie, origin, connection: "Upgrade", upgrade: "websocket" } });
    assert.equal((await socket("http://other.test")).status, 403);
    assert.equal((await socket("http://demo.test")).status, 400, "there is none, but it was let in");
    assert.equal((await call({ cookie: "", origin: "http://demo.test" })).status, 401);
    assert.deepEqual(agents, [ANN]);
    const headers = { cookie, origin: "http://demo.test", "content-type": "application/json" };
    assert.equal((await ask("/api/Buy", { method: "POST", body: "{}", headers })).status, 200);
    assert.deepEqual(agents, [ANN, ANN]);
  });

  it("keeps lists of users apart, and rights: who is logged in elsewhere is a stranger", async () => {
    const cookie = await session();
    assert.equal((await ask("/of-others/", { headers: { cookie } })).status, 303);
    const { registry } = test;
    await registry.remove({ address: "demo.test:for-ann" }, OPERATOR);
    assert.equal((await ask("/private/", { headers: { cookie } })).status, 404);
    const grant = { to: ANN, verbs: "r", on: "demo.test:files:**" };
    await registry.create({ address: "demo.test:for-ann", kind: "Grant", properties: grant }, OPERATOR);
    assert.equal((await ask("/private/", { headers: { cookie } })).status, 200);
  });

  it("ends a session by logging out, by revoking, by time, and takes no other text for one", async () => {
    const cookie = await session();
    const page = await ask("/-/logout", { headers: { cookie } });
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
    const logOut = (body: string) => ask("/-/logout", { method: "POST", headers: { cookie, ...FORM }, body });
    assert.equal((await logOut("csrf=made-up")).status, 403);
    assert.equal((await ask("/private/", { headers: { cookie } })).status, 200);
    const out = await logOut(`csrf=${csrf}`);
    assert.match(out.cookies[0] ?? "", /^orrery-session=; Path=\/; Max-Age=0/);
    assert.equal((await ask("/private/", { headers: { cookie } })).status, 303);
    const revoked = await session();
    await test.accounts.revokeSessions({ user: ANN }, OPERATOR);
    assert.equal((await ask("/private/", { headers: { cookie: revoked } })).status, 303);
    const { accessToken, refreshToken } = await test.accounts.login({ user: ANN, password: PASSWORD });
    for (const text of [accessToken, refreshToken, refreshToken.replace("orr_", "orw_"), "orw_.", revoked.slice(0, -1)])
      assert.equal((await ask("/private/", { headers: { cookie: `orrery-session=${text}` } })).status, 303);
    const late = await session();
    await assert.rejects(test.accounts.refresh(late.replace("orrery-session=orw_", "orr_")), {
      code: "unauthenticated",
    });
    for (let week = 1; week <= 8; week++) {
      test.clock.pass(7 * 86_400_000);
      assert.equal((await ask("/private/", { headers: { cookie: late } })).status, 200, "it lasts while it is used");
    }
    test.clock.pass(31 * 86_400_000);
    assert.equal((await ask("/private/", { headers: { cookie: late } })).status, 303);
  });
});

describe("the page of the login", () => {
  it("logs in and out in Chromium, on a phone and on a desk, by keyboard alone", async () => {
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--host-resolver-rules=MAP demo.test 127.0.0.1",
    ];
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    const browser = await chromium.launch({ executablePath, args });
    try {
      for (const viewport of [
        { width: 360, height: 640 },
        { width: 1280, height: 800 },
      ]) {
        test.clock.pass(60_000);
        await logInAndOut(await browser.newContext({ viewport }), viewport.width);
      }
    } finally {
      await browser.close();
    }
  });
});

async function logInAndOut(context: BrowserContext, width: number): Promise<void> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  await page.goto(`http://demo.test:${port}/private/`);
  assert.equal(await page.title(), "Log in to demo.test");
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width, "nothing is wider than the screen");
  const look = "getComputedStyle(document.querySelector('button')).backgroundColor";
  assert.equal(await page.evaluate(look), "rgb(34, 70, 143)", "its style came");
  const shots = process.env["ORRERY_SHOTS"];
  if (shots !== undefined) await page.screenshot({ path: `${shots}/login-${width}.png` });
  await page.keyboard.type("ann");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/private/");
  assert.equal(await page.title(), "Moons");
  assert.equal(await page.evaluate("document.cookie"), "");
  const [cookie] = await context.cookies();
  assert.deepEqual([cookie?.name, cookie?.httpOnly, cookie?.sameSite], ["orrery-session", true, "Lax"]);
  await page.click("text=Log out");
  await page.click("button");
  await page.waitForSelector("text=The session has ended.");
  await page.goto(`http://demo.test:${port}/private/`);
  assert.equal(await page.title(), "Log in to demo.test");
  assert.deepEqual(troubles, []);
}
