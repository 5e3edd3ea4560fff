import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type TypeOptions, type } from "../testing/memory-terminal.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

const ANN = "demo.test:users:ann";
const NATIVE = {
  ...{ application_type: "native", token_endpoint_auth_method: "none", redirect_uris: ["http://127.0.0.1/"] },
  ...{ grant_types: ["authorization_code"], response_types: ["code"] },
};

let provider: RequestListener = () => {};
const server = createServer((request, response) => provider(request, response));
let issuer = "";
let up: TestUp;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { Provider } = (await import("oidc-provider" as string)) as {
    Provider: new (issuer: string, options: object) => { callback(): RequestListener };
  };
  const clients = ["orrery-command", "another"].map((client_id) => ({ client_id, ...NATIVE }));
  const options = { clients, cookies: { keys: ["of tests"] }, pkce: { required: () => true } };
  provider = new Provider(issuer, options).callback();
  const users = "demo.test:users";
  up = await openTestUp({
    oidc: { issuer, clientId: "orrery", clientSecret: "s", users, commandClientId: "orrery-command" },
  });
  await up.done("create 'demo.test<Space>'");
  await up.done("create 'demo.test:users<UserBase>'");
  await up.done(`create '${ANN}<User>'`);
  await up.done(`env add lab ${up.http} --space=demo.test --use`, { env: { ORRERY_SERVER: "" } });
});
after(async () => {
  await up?.[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

/** Does what somebody does in a browser: follows, logs in, agrees, and comes back to the command. Gives what the last page says. */
async function browse(start: string, name: string): Promise<string> {
  const jar = new Map<string, string>();
  let [url, body] = [start, undefined as URLSearchParams | undefined];
  for (let step = 0; step < 20; step++) {
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join("; ");
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie },
      ...(body && { method: "POST", body }),
    });
    for (const one of response.headers.getSetCookie()) {
      const [, key = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      jar.set(key, value);
    }
    const [to, text] = [response.headers.get("location"), await response.text()];
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(text)?.[1] ?? "";
    if (to === null && action === undefined) return text;
    body = to === null ? new URLSearchParams({ prompt, login: name, password: "any" }) : undefined;
    url = new URL(to ?? action ?? "", url).href;
  }
  throw new Error("It goes round in circles");
}

/** Types the login; somebody opens the page that it says. */
async function login(name: string, line = "login --oidc", change: (page: string) => string = (page) => page) {
  let page: Promise<string> | undefined;
  const onSay: TypeOptions["onSay"] = (said) => {
    const [, found] = /^ {2}(http\S+)$/m.exec(said) ?? [];
    if (found !== undefined) page = browse(change(found), name);
  };
  const typed = await type(line.split(" "), { env: { HOME: up.cwd }, cwd: up.cwd, onSay });
  return { ...typed, page: await page };
}

/** What the platform answers to a token. */
const shown = async (idToken: string) =>
  (
    await fetch(`${up.http}/orrery.accounts.v1.AccountsService/LoginByIssuer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ idToken }),
    })
  ).status;

/** A token that nobody signed. */
function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

describe("orrery login --oidc", () => {
  it("logs in whom the issuer knows and the platform has, by a browser that comes back to this machine", async () => {
    const { exit, out, err, page } = await login("ann");
    assert.equal(exit, 0, err);
    assert.match(out, new RegExp(`^Logged in to lab as ${ANN}, until `));
    assert.match(err, /^Log in at 127.0.0.1:\d+, in a browser on this machine:\n {2}http:.*code_challenge=.*S256/);
    assert.match(page ?? "", /^Logged in to lab as demo.test:users:ann. This page can be closed.\n$/);
    assert.equal((await type(["whoami"], { env: { HOME: up.cwd }, cwd: up.cwd })).out, `${ANN}\n`);
    const file = join(up.cwd, ".config/orrery/tokens/lab.json");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.doesNotMatch(readFileSync(file, "utf8"), /id_token|idToken/);
  });

  it("lets nobody in whom the platform has not, nor who comes back with the answer to another login", async () => {
    const eve = await login("eve");
    assert.equal(eve.exit, 3, eve.err);
    assert.match(eve.err, /there is no user "demo.test:users:eve" \(environment lab at http/);
    assert.match(eve.page ?? "", /^Not logged in/);
    const forged = await login("ann", "login --oidc", (page) => page.replace(/state=[^&]+/, "state=another"));
    assert.deepEqual([forged.exit, /it did not say who it is/.test(forged.err)], [3, true], forged.err);
  });

  it("is answered 401 for a token that is unsigned, or for another client of the same issuer", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: issuer, aud: "orrery-command", sub: "ann", iat: now, exp: now + 60 };
    assert.equal(await shown(unsigned(claims)), 401);
    const { createIssuer } = await import("@orrery/platform/issuer");
    const other = createIssuer({ issuer, clientId: "another" });
    const { openLoopback } = await import("./system-loopback.ts");
    using loopback = await openLoopback();
    const { url, kept } = await other.begin(loopback.address);
    const browsing = browse(url, "ann");
    const { idToken, claims: said } = await other.finish(await loopback.cameBack, kept);
    loopback.tell("done");
    await browsing;
    assert.equal(said["aud"], "another");
    assert.equal(await shown(idToken), 401);
  });

  it("says what is wrong where it is given a name, or the platform has no issuer", async () => {
    const named = await login("ann", "login ann --oidc");
    assert.deepEqual([named.exit, /the issuer says who you are, name nobody/.test(named.err)], [2, true]);
    const away = await login("ann", "login --oidc --browser-port=x");
    assert.deepEqual([away.exit, /"x" is no port/.test(away.err)], [2, true]);
  });
});
