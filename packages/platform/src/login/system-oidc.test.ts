import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { chromium } from "playwright-core";
import { ANN, OPERATOR, openTestAccounts, type TestAccounts } from "../testing/open-accounts.ts";
import { createMemoryBlobs } from "../testing/open-web.ts";
import { createWebServer, type WebServer } from "../web/system-web-server.ts";
import { createOidc } from "./system-oidc.ts";
import { createWebLogins } from "./web-logins.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Serves on a port that the system chooses; gives the address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Claims {
  readonly [name: string]: unknown;
}

/** An issuer that gives whatever token a test makes of the claims that would be right. */
async function openIssuer(make: (claims: Claims, sign: (claims: Claims) => Promise<string>) => Promise<string>) {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const key = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
  let nonce = "";
  const issuer: string = await serve(async ({ url = "" }, response) => {
    response.setHeader("content-type", "application/json");
    const now = Math.floor(Date.now() / 1_000);
    const right = { iss: issuer, aud: "orrery", sub: "ann", iat: now, exp: now + 60, nonce };
    const sign = (claims: Claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
    const urls = {
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
    };
    const facts = {
      issuer,
      ...urls,
      response_types_supported: ["code"],
      id_token_signing_alg_values_supported: ["RS256"],
    };
    if (url.startsWith("/.well-known/")) response.end(JSON.stringify(facts));
    else if (url === "/keys") response.end(JSON.stringify({ keys: [key] }));
    else response.end(JSON.stringify({ access_token: "a", token_type: "bearer", id_token: await make(right, sign) }));
  });
  const of = { issuer, clientSecret: "secret", users: "demo.test:users" };
  const oidc = createOidc({ ...of, clientId: "orrery", commandClientId: "orrery" });
  const back = "http://demo.test/-/oidc/back";
  return {
    oidc,
    /** The token that the issuer gives now, to a command. */
    token: async () => {
      const answer = (await (await fetch(`${issuer}/token`)).json()) as { readonly id_token: string };
      return answer.id_token;
    },
    login: async (change: { readonly state?: string } = {}) => {
      const { url, kept } = await oidc.begin(back);
      nonce = kept.nonce;
      assert.equal(new URL(url).searchParams.get("code_challenge_method"), "S256");
      return await oidc.finish(`${back}?code=c&state=${change.state ?? kept.state}`, kept);
    },
  };
}

describe("createOidc", () => {
  it("takes the name that a good token says", async () => {
    const { login } = await openIssuer((claims, sign) => sign(claims));
    assert.equal(await login(), ANN);
  });

  const other = generateKeyPair("RS256");
  for (const [what, make] of [
    ["that is not signed", async (claims) => new UnsecuredJWT(claims).encode()],
    [
      "of another key",
      async (claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one" }).sign((await other).privateKey),
    ],
    ["for somebody else", (claims, sign) => sign({ ...claims, aud: "others" })],
    ["of another issuer", (claims, sign) => sign({ ...claims, iss: "https://evil.test" })],
    ["that is over", (claims, sign) => sign({ ...claims, iat: 1_000, exp: 2_000 })],
    ["of another login", (claims, sign) => sign({ ...claims, nonce: "another" })],
    [
      "that is changed",
      async (claims, sign) => (await sign(claims)).replace(/\.[^.]+\./, (body) => `${body.slice(0, -3)}AA.`),
    ],
    ["whose name is none", (claims, sign) => sign({ ...claims, sub: "../admin" })],
  ] as const satisfies readonly (readonly [string, Parameters<typeof openIssuer>[0]])[])
    it(`refuses a token ${what}`, async () => {
      const { login } = await openIssuer(make);
      await assert.rejects(login(), { code: "unauthenticated" });
      if (what === "of another login") return; // A command looks for that itself.
      const { oidc, token } = await openIssuer(make);
      await assert.rejects(async () => oidc.commands?.userOf(await token()), { code: "unauthenticated" });
    });

  it("takes a good token of a command, and none that is old, for another client, or signed by what everybody knows", async () => {
    const good = await openIssuer((claims, sign) => sign(claims));
    assert.equal(await good.oidc.commands?.userOf(await good.token()), ANN);
    const old = Math.floor(Date.now() / 1_000) - 600;
    const known = new TextEncoder().encode("orrery".repeat(8));
    for (const make of [
      (claims, sign) => sign({ ...claims, iat: old }),
      (claims, sign) => sign({ ...claims, azp: "others" }),
      (claims, sign) => sign({ ...claims, exp: undefined }),
      (claims) => new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(known),
      async () => "rubbish",
    ] as const satisfies readonly Parameters<typeof openIssuer>[0][]) {
      const { oidc, token } = await openIssuer(make);
      await assert.rejects(async () => oidc.commands?.userOf(await token()), { code: "unauthenticated" });
    }
    const secret = createOidc({
      issuer: "https://issuer.test",
      clientId: "a",
      clientSecret: "s",
      users: "demo.test:users",
    });
    assert.equal(secret.commands, undefined); // A command keeps no secret.
  });

  it("refuses what comes back of another login, and an issuer in the clear or that is none", async () => {
    const { login } = await openIssuer((claims, sign) => sign(claims));
    await assert.rejects(login({ state: "another" }), { code: "unauthenticated" });
    const of = { clientId: "orrery", users: "demo.test:users" };
    for (const issuer of ["http://issuer.test", "nowhere"])
      assert.throws(() => createOidc({ issuer, ...of }), { code: "invalid_argument" });
    const none = await serve((_, response) => void response.writeHead(404).end());
    await assert.rejects(createOidc({ issuer: none, ...of }).begin("http://demo.test/"), { code: "unavailable" });
  });
});

describe("a login by an issuer", () => {
  let test: TestAccounts;
  let web: WebServer;
  let port: number;
  before(async () => {
    test = await openTestAccounts();
    const { registry, clock, accounts } = test;
    const blobs = createMemoryBlobs();
    for (const name of ["cfg", "files"])
      await registry.create({ address: `demo.test:${name}`, kind: "FileSystem" }, OPERATOR);
    const file = (address: string, text: string) =>
      registry.create({ address, kind: "File", state: { content: blobs.put(Buffer.from(text)) } }, OPERATOR);
    await file("demo.test:cfg:/bind.yaml", `routes: [{ path: "/{rest*}", files: ".:files:/{rest}", auth: ".:users" }]`);
    await file("demo.test:files:/index.html", "<title>Moons</title><link rel=icon href=data:,>");
    await registry.change({ address: "demo.test", properties: { bind: "demo.test:cfg:/bind.yaml" } }, OPERATOR);
    const grant = { to: ANN, verbs: "r", on: "demo.test:files:**" };
    await registry.create({ address: "demo.test:for-ann", kind: "Grant", properties: grant }, OPERATOR);
    let provider: RequestListener = () => {};
    const issuer = await serve((request, response) => provider(request, response));
    const random = createSeededRandom(5);
    const oidc = createOidc({
      issuer,
      clientId: "orrery",
      clientSecret: "a secret of tests",
      users: "demo.test:users",
    });
    web = createWebServer({ registry, blobs, logins: createWebLogins({ web: accounts.web, clock, random, oidc }) });
    port = Number(new URL(await web.listen()).port);
    const { Provider } = (await import("oidc-provider" as string)) as {
      Provider: new (issuer: string, options: object) => { callback(): RequestListener };
    };
    const client = {
      client_id: "orrery",
      client_secret: "a secret of tests",
      redirect_uris: [`http://demo.test:${port}/-/oidc/back`],
    };
    provider = new Provider(issuer, {
      clients: [client],
      cookies: { keys: ["of tests"] },
      pkce: { required: () => true },
    }).callback();
  });
  after(async () => {
    await web?.close({ timeoutMs: 100 });
    await test?.[Symbol.asyncDispose]();
  });

  it("goes by way of a real issuer in Chromium, for users who are there and nobody else", async () => {
    const args = [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--host-resolver-rules=MAP demo.test 127.0.0.1",
    ];
    const browser = await chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args });
    try {
      for (const [name, title] of [
        ["ann", "Moons"],
        ["eve", "Not logged in"],
      ] as const) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`http://demo.test:${port}/`);
        await page.click("text=Log in with 127.0.0.1");
        await page.fill("input[name=login]", name);
        await page.fill("input[name=password]", "any");
        await page.click("button[type=submit]");
        await page.click("button[type=submit]"); // The issuer asks whether it may tell.
        await page.waitForURL(`http://demo.test:${port}/**`);
        assert.equal(await page.title(), title);
        const names = (await context.cookies())
          .filter(({ domain }) => domain === "demo.test")
          .map((cookie) => cookie.name);
        assert.equal(names.includes("orrery-session"), name === "ann", names.join());
        await context.close();
      }
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://demo.test:${port}/-/oidc/back?code=stolen&state=x`);
      assert.equal(await page.title(), "Not logged in");
    } finally {
      await browser.close();
    }
  });
});
