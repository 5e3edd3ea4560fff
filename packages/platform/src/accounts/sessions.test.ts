import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { VERBS } from "@orrery/registry";
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { ANN, BOB, OPERATOR, openTestAccounts, PASSWORD, type TestAccounts } from "../testing/open-accounts.ts";
import { ACCESS_MS, SESSION_IDLE_MS, SESSION_MAX_MS, SESSIONS_MAX, USED_EXACT_MS } from "./limits.ts";
import { openAccessKeys } from "./system-access-keys.ts";

const login = (at: TestAccounts) => at.accounts.login({ user: ANN, password: PASSWORD, client: "a test" });

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => "done",
    (error: unknown) => (isOrreryError(error) ? error.code : String(error)),
  );
}

/** Name of the key that signed a token. */
function keyOf(token: string): string {
  const [head = ""] = token.split(".");
  return (JSON.parse(Buffer.from(head, "base64url").toString()) as { readonly kid: string }).kid;
}

describe("sessions", () => {
  it("give a new token when the last has ended, and end when nobody asked for long, or after a time", async () => {
    await using at = await openTestAccounts();
    let tokens = await login(at);
    at.clock.pass(ACCESS_MS + 1);
    assert.equal(await codeOf(at.accounts.authenticate(tokens.accessToken)), "unauthenticated");
    tokens = { ...(await at.accounts.refresh(tokens.refreshToken)), mustSetPassword: false };
    assert.equal(await at.accounts.authenticate(tokens.accessToken), ANN);
    at.clock.pass(SESSION_IDLE_MS + 1);
    assert.equal(await codeOf(at.accounts.refresh(tokens.refreshToken)), "unauthenticated");
    tokens = await login(at);
    let passedMs = 0;
    for (let code = "done"; code === "done"; passedMs += SESSION_IDLE_MS - 1) {
      at.clock.pass(SESSION_IDLE_MS - 1);
      code = await codeOf(
        at.accounts.refresh(tokens.refreshToken).then((next) => {
          tokens = { ...next, mustSetPassword: false };
        }),
      );
    }
    assert.ok(passedMs >= SESSION_MAX_MS && passedMs < SESSION_MAX_MS + SESSION_IDLE_MS);
  });

  it("end when a refresh token comes twice, for whoever has the newer one as well", async () => {
    await using at = await openTestAccounts();
    const stolen = await login(at);
    const newer = await at.accounts.refresh(stolen.refreshToken);
    const newest = await at.accounts.refresh(newer.refreshToken);
    assert.equal(await codeOf(at.accounts.refresh(stolen.refreshToken)), "unauthenticated");
    assert.equal(await codeOf(at.accounts.refresh(newest.refreshToken)), "unauthenticated");
    assert.equal(await codeOf(at.accounts.authenticate(newest.accessToken)), "unauthenticated");
    assert.match(JSON.stringify(at.log), /a refresh token was used twice/);
    const two = await login(at);
    const ends = await Promise.all([1, 2].map(() => codeOf(at.accounts.refresh(two.refreshToken))));
    assert.ok(ends.includes("unauthenticated"));
    assert.equal(await codeOf(at.accounts.authenticate(two.accessToken)), "unauthenticated");
  });

  it("do not end by a token that nobody was given, though it names them", async () => {
    await using at = await openTestAccounts();
    const { refreshToken, accessToken } = await login(at);
    const [head = "", family = "", secret = ""] = refreshToken.split(".");
    const other = "A".repeat(43);
    for (const text of [
      "",
      "orr_",
      head,
      `${head}.${other}.${secret}`,
      `${head}.${other}.${other}`,
      `${head}.${family}`,
    ])
      assert.equal(await codeOf(at.accounts.refresh(text)), "unauthenticated", text);
    await at.accounts.logout(`${head}.${other}.${other}`);
    for (const address of ["demo.test", ANN, "nowhere:x", "no address", `${ANN}:password`])
      assert.equal(
        await codeOf(at.accounts.refresh(`orr_${Buffer.from(address).toString("base64url")}.${other}.${other}`)),
        "unauthenticated",
        address,
      );
    assert.equal(await at.accounts.authenticate(accessToken), ANN);
    await at.accounts.refresh(refreshToken);
  });

  it("are listed and ended by their user, and who may do that with the user, and nobody else", async () => {
    await using at = await openTestAccounts();
    const [one, two, three] = [await login(at), await login(at), await login(at)];
    const listed = await at.accounts.sessions(ANN, { agent: ANN });
    assert.deepEqual(listed.map(({ name }) => name).sort(), [one, two, three].map(({ session }) => session).sort());
    assert.equal(listed[0]?.client, "a test");
    for (const agent of [BOB, "", "anonymous"]) {
      assert.equal(await codeOf(at.accounts.sessions(ANN, { agent })), "permission_denied");
      assert.equal(await codeOf(at.accounts.revokeSessions({ user: ANN }, { agent })), "permission_denied");
    }
    assert.equal(await at.accounts.revokeSessions({ user: ANN, sessions: [one.session] }, { agent: ANN }), 1);
    assert.equal(await codeOf(at.accounts.authenticate(one.accessToken)), "unauthenticated");
    await at.accounts.logout(two.refreshToken);
    await at.accounts.logout(two.refreshToken);
    assert.equal(await codeOf(at.accounts.authenticate(two.accessToken)), "unauthenticated");
    assert.equal(await at.accounts.authenticate(three.accessToken), ANN);
    assert.equal(await at.accounts.revokeSessions({ user: ANN }, OPERATOR), 1);
    assert.equal(await codeOf(at.accounts.authenticate(three.accessToken)), "unauthenticated");
  });

  it("of a user who was removed are refused as what he may not do, also when another has his name", async () => {
    await using at = await openTestAccounts();
    const { accessToken, refreshToken } = await login(at);
    await at.registry.remove({ address: ANN, recursive: true }, OPERATOR);
    assert.equal(await codeOf(at.accounts.authenticate(accessToken)), "permission_denied");
    assert.equal(await codeOf(at.accounts.refresh(refreshToken)), "unauthenticated");
    await at.registry.create({ address: ANN, kind: "User" }, OPERATOR);
    assert.equal(await codeOf(at.accounts.authenticate(accessToken)), "unauthenticated");
  });

  it("of one user are bounded: one more ends the oldest", async () => {
    await using at = await openTestAccounts();
    const first = await login(at);
    const second = await login(at);
    for (let n = 2; n < SESSIONS_MAX; n++) await login(at);
    assert.equal(await at.accounts.authenticate(first.accessToken), ANN);
    await login(at);
    assert.equal(await codeOf(at.accounts.authenticate(first.accessToken)), "unauthenticated");
    assert.equal(await at.accounts.authenticate(second.accessToken), ANN);
    assert.equal((await at.accounts.sessions(ANN, { agent: ANN })).length, SESSIONS_MAX);
  });
});

describe("access tokens", () => {
  it("are those that the keys signed, for this and for nothing else", async () => {
    await using at = await openTestAccounts();
    const { accessToken } = await login(at);
    const [head = "", body = "", signature = ""] = accessToken.split(".");
    const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { kid } = JSON.parse(Buffer.from(head, "base64url").toString()) as { kid: string };
    const own = (JSON.parse(readFileSync(at.keyFile, "utf8")) as { keys: [Record<string, string>] }).keys[0];
    const key = await importJWK(own, "EdDSA");
    const other = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const signed = (payload: object, header: object, by: Parameters<SignJWT["sign"]>[0]) =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid, ...header }).sign(by);
    assert.equal(await at.accounts.authenticate(await signed(claims, {}, key)), ANN, "what is tried below is near");
    const rubbish = {
      nothing: "",
      "no token": "abc",
      "no signature": `${head}.${body}.`,
      "another body": `${head}.${encode({ ...claims, sub: BOB })}.${signature}`,
      "no algorithm": `${encode({ alg: "none", typ: "at+jwt", kid })}.${body}.`,
      "the public key as a secret": await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid })
        .sign(Buffer.from(own["x"] ?? "", "base64url")),
      "another key": await signed(claims, {}, other.privateKey),
      "another key that it brings": await signed(claims, { jwk: await exportJWK(other.publicKey) }, other.privateKey),
      "another audience": await signed({ ...claims, aud: "other" }, {}, key),
      "no audience": await signed({ ...claims, aud: undefined }, {}, key),
      "another type": await signed(claims, { typ: "JWT" }, key),
      "no end": await signed({ ...claims, exp: undefined }, {}, key),
      "an end that was": await signed({ ...claims, exp: 1 }, {}, key),
      "another user": await signed({ ...claims, sub: BOB }, {}, key),
      "another session": await signed({ ...claims, sid: `${ANN}:s-1` }, {}, key),
      "what is no session": await signed({ ...claims, sid: `${ANN}:password` }, {}, key),
    };
    for (const [what, token] of Object.entries(rubbish))
      assert.equal(await codeOf(at.accounts.authenticate(token)), "unauthenticated", what);
  });

  it("stay good over a new key until they end, of which two are in use at most", async () => {
    await using at = await openTestAccounts();
    const { accessToken } = await login(at);
    const nowMs = at.clock.now();
    const rotated = await at.keys.rotate({ nowMs });
    assert.equal(rotated.beforeUntilMs, nowMs + ACCESS_MS);
    assert.equal(await at.accounts.authenticate(accessToken), ANN);
    const reopened = await openAccessKeys(at.keyFile);
    assert.equal((await reopened.verify(accessToken, nowMs))?.user, ANN);
    const newer = await login(at);
    assert.equal(keyOf(newer.accessToken), rotated.key);
    assert.equal(await codeOf(at.keys.rotate({ nowMs })), "failed_precondition");
    at.clock.pass(ACCESS_MS);
    assert.equal(await codeOf(at.accounts.authenticate(accessToken)), "unauthenticated");
    const again = await Promise.all([1, 2].map(() => codeOf(at.keys.rotate({ nowMs: at.clock.now() }))));
    assert.deepEqual(again.sort(), ["done", "failed_precondition"], "two at once are one after the other");
  });

  it("are refused at once where the key must be trusted no more, also those that were used before", async () => {
    await using at = await openTestAccounts();
    const { accessToken, refreshToken } = await login(at);
    assert.equal(await at.accounts.authenticate(accessToken), ANN);
    const { key, beforeUntilMs } = await at.keys.rotate({ nowMs: at.clock.now(), isAtOnce: true });
    assert.equal(beforeUntilMs, undefined);
    assert.equal(await codeOf(at.accounts.authenticate(accessToken)), "unauthenticated");
    const next = await at.accounts.refresh(refreshToken);
    assert.equal(keyOf(next.accessToken), key);
    assert.equal(await at.accounts.authenticate(next.accessToken), ANN);
  });

  it("are not taken from a key after its time, whatever they say", async () => {
    await using at = await openTestAccounts();
    const { accessToken, session } = await login(at);
    const stolen = (JSON.parse(readFileSync(at.keyFile, "utf8")) as { keys: [Record<string, string>] }).keys[0];
    await at.keys.rotate({ nowMs: at.clock.now() });
    const claims = { sub: ANN, sid: `${ANN}:${session}`, aud: "orrery", exp: Math.floor(Date.UTC(2040, 0, 1) / 1_000) };
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: keyOf(accessToken) })
      .sign(await importJWK(stolen, "EdDSA"));
    assert.equal(await at.accounts.authenticate(forged), ANN, "the key is good as long as its tokens are");
    at.clock.pass(ACCESS_MS);
    assert.equal(await codeOf(at.accounts.authenticate(forged)), "unauthenticated");
  });

  it("are signed by keys that nobody else reads", async () => {
    await using at = await openTestAccounts();
    assert.equal(statSync(at.keyFile).mode & 0o777, 0o600);
    await at.keys.rotate({ nowMs: at.clock.now() });
    assert.equal(statSync(at.keyFile).mode & 0o777, 0o600);
    chmodSync(at.keyFile, 0o640);
    assert.equal(await codeOf(openAccessKeys(at.keyFile)), "failed_precondition");
    chmodSync(at.keyFile, 0o600);
    writeFileSync(at.keyFile, '{"keys":[]}');
    assert.equal(await codeOf(openAccessKeys(at.keyFile)), "data_loss");
  });
});

describe("tokens for programs", () => {
  const scopes = [{ verbs: "rs", on: "demo.test:files:**" }];
  const create = (at: TestAccounts, more: { readonly untilMs?: number } = {}) =>
    at.accounts.createToken({ user: ANN, name: "ci", scopes, ...more }, { agent: ANN });

  it("act for their user within their scopes until they are revoked", async () => {
    await using at = await openTestAccounts();
    await at.registry.create({ address: "demo.test:files", kind: "FileSystem", owner: ANN }, OPERATOR);
    await at.registry.create({ address: "demo.test:files:/a.txt", kind: "File" }, OPERATOR);
    const { token, agent } = await create(at);
    assert.equal(await at.accounts.authenticate(token), agent);
    assert.equal(agent, `${ANN}:ci`);
    const may = async (address: string) =>
      (await Promise.all(VERBS.map((verb) => at.registry.can({ agent, verb, address }, OPERATOR))))
        .map(({ allowed }, n) => (allowed ? VERBS[n] : ""))
        .filter((verb) => verb !== "");
    assert.deepEqual(await may("demo.test:files:/a.txt"), ["select", "read"]);
    assert.deepEqual(await may("demo.test:files"), []);
    await at.accounts.revokeToken({ user: ANN, name: "ci" }, { agent: ANN });
    assert.equal(await codeOf(at.accounts.authenticate(token)), "unauthenticated");
    assert.deepEqual(await may("demo.test:files:/a.txt"), []);
    assert.equal(await codeOf(at.accounts.revokeToken({ user: ANN, name: "ci" }, { agent: ANN })), "not_found");
  });

  it("end when they said, are told apart by their secrets, and tell to the hour when they were used", async () => {
    await using at = await openTestAccounts();
    const untilMs = at.clock.now() + 3 * USED_EXACT_MS;
    const { token } = await create(at, { untilMs });
    const used = async () => (await at.accounts.tokens(ANN, { agent: ANN }))[0]?.usedMs;
    assert.equal(await used(), undefined);
    const first = at.clock.now();
    await at.accounts.authenticate(token);
    at.clock.pass(USED_EXACT_MS - 1);
    await at.accounts.authenticate(token);
    assert.equal(await used(), first);
    at.clock.pass(1);
    await at.accounts.authenticate(token);
    assert.equal(await used(), first + USED_EXACT_MS);
    const [head = ""] = token.split(".");
    for (const text of [
      head,
      `${head}.${"A".repeat(43)}`,
      `${token}A`,
      "ort_.",
      `ort_${"A".repeat(20)}.${"A".repeat(43)}`,
    ])
      assert.equal(await codeOf(at.accounts.authenticate(text)), "unauthenticated", text);
    at.clock.pass(2 * USED_EXACT_MS);
    assert.equal(await codeOf(at.accounts.authenticate(token)), "unauthenticated");
  });

  it("make nothing of themselves: no token, no password, no secret, whatever their scopes", async () => {
    await using at = await openTestAccounts();
    await at.registry.change({ address: "demo.test", owner: ANN }, OPERATOR);
    const all = [{ verbs: "csdrwx", on: "**" }];
    const { agent } = await at.accounts.createToken({ user: ANN, name: "all", scopes: all }, { agent: ANN });
    const by = { agent };
    for (const user of [ANN, BOB])
      for (const asked of [
        at.accounts.createToken({ user, name: "more", scopes: all }, by),
        at.accounts.setPassword({ user, password: "by the token", oldPassword: PASSWORD }, by),
        at.accounts.issueSecret(user, by),
        at.accounts.sessions(user, by),
        at.accounts.revokeSessions({ user }, by),
        at.accounts.tokens(user, by),
        at.accounts.revokeToken({ user, name: "all" }, by),
      ])
        assert.equal(await codeOf(asked), "permission_denied");
    for (const user of [ANN, BOB]) {
      const properties = { proof: "p", scopes: all };
      const asked = at.registry.create({ address: `${user}:more`, kind: "ApiToken", properties }, by);
      assert.equal(await codeOf(asked), "permission_denied");
    }
  });

  it("are made with scopes that can be read, by a name that is free", async () => {
    await using at = await openTestAccounts();
    const make = (name: string, verbs: string, on: string) =>
      codeOf(at.accounts.createToken({ user: ANN, name, scopes: [{ verbs, on }] }, { agent: ANN }));
    assert.equal(await make("a", "q", "**"), "invalid_argument");
    assert.equal(await make("a", "r", "no selector"), "invalid_argument");
    assert.equal(await make("No Name", "r", "**"), "invalid_argument");
    assert.equal(await make("password", "r", "**"), "already_exists");
    assert.equal(await make("a", "r", "**"), "done");
    assert.equal(await make("a", "r", "**"), "already_exists");
  });
});
