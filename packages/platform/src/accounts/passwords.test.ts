import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import fc from "fast-check";
import { createGateClock } from "../testing/gate-clock.ts";
import { ANN, BOB, OPERATOR, openTestAccounts, PASSWORD } from "../testing/open-accounts.ts";
import { createAttempts } from "./attempts.ts";
import { WRONG_ANSWER_MS, WRONG_FREE, WRONG_KEPT_MS, WRONG_WAIT_MAX_MS } from "./limits.ts";

/** What is refused, with its code and text. */
async function refusal(asked: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isOrreryError(error), "it was not refused");
  return { code: error.code, message: error.message };
}

describe("passwords", () => {
  it("let users in, and nobody by another one", async () => {
    await using at = await openTestAccounts();
    const { user, accessToken, mustSetPassword } = await at.accounts.login({ user: ANN, password: PASSWORD });
    assert.deepEqual([user, mustSetPassword], [ANN, false]);
    assert.equal(await at.accounts.authenticate(accessToken), ANN);
    assert.equal((await refusal(at.accounts.login({ user: ANN, password: "another horse" }))).code, "unauthenticated");
    assert.equal((await refusal(at.accounts.login({ user: BOB, password: "" }))).code, "unauthenticated");
  });

  it("tell no wrong user from a wrong password: by text, by work, by time", async () => {
    await using at = await openTestAccounts();
    const seen: unknown[] = [];
    for (const user of [ANN, BOB, "demo.test:users:nobody", "demo.test:users", "other.test"]) {
      const [hashes, from] = [at.compared.length, at.clock.monotonic()];
      const { code, message } = await refusal(at.accounts.login({ user, password: "wrong password" }));
      const costs = at.compared.slice(hashes);
      seen.push({ code, message: message.replaceAll(user, "USER"), costs, ms: at.clock.monotonic() - from });
    }
    for (const one of seen) assert.deepEqual(one, seen[0]);
    assert.deepEqual(seen[0], {
      code: "unauthenticated",
      message: 'Cannot log in as "USER": there is no such user, or the password is another',
      costs: ["$argon2id$v=19$m=8,t=1,p=1"],
      ms: WRONG_ANSWER_MS,
    });
  });

  it("are waited for after too many wrong ones, alike for users who are there and who are not, and by many at once", async () => {
    await using at = await openTestAccounts();
    for (const user of [ANN, "demo.test:users:nobody"]) {
      const hashes = at.compared.length;
      const tries = Array.from({ length: 50 }, (_, n) => refusal(at.accounts.login({ user, password: `wrong ${n}` })));
      const codes = (await Promise.all(tries)).map(({ code }) => code);
      assert.deepEqual(codes.filter((code) => code === "unauthenticated").length, WRONG_FREE);
      assert.equal(at.compared.length - hashes, WRONG_FREE, "nothing is hashed for those that are refused");
      const { message } = await refusal(at.accounts.login({ user, password: PASSWORD }));
      assert.match(message, /too many wrong passwords, try again in 1 s$/);
    }
    at.clock.pass(1_000);
    await at.accounts.login({ user: ANN, password: PASSWORD });
    await at.accounts.login({ user: ANN, password: PASSWORD });
  });

  it("let in nobody more often than the waits allow, whatever is tried when", () => {
    const tries = fc.array(fc.tuple(fc.nat(20 * 60_000), fc.constantFrom("ann", "bob")), { maxLength: 200 });
    fc.assert(
      fc.property(tries, (all) => {
        const clock = createGateClock();
        const attempts = createAttempts(clock);
        const taken = new Map<string, number[]>();
        for (const [ms, account] of all) {
          clock.pass(ms % 7 === 0 ? ms : ms % 3_000);
          try {
            attempts.begin(account);
            taken.set(account, [...(taken.get(account) ?? []), clock.monotonic()]);
          } catch (error) {
            assert.ok(isOrreryError(error) && error.code === "resource_exhausted");
            const waitMs = Number(error.details["retryAfterMs"]);
            assert.ok(waitMs > 0 && waitMs <= WRONG_WAIT_MAX_MS);
          }
        }
        for (const times of taken.values())
          for (const [n, from] of times.entries()) {
            const within = times.slice(n).filter((time) => time - from < WRONG_KEPT_MS).length;
            // Five are free; the waits after them are 1, 2, 4, … s, and of 900 s four fit in an hour: nine, and the last as it ends.
            assert.ok(within <= 2 * WRONG_FREE + 15, `${within} in an hour`);
          }
      }),
    );
  });

  it("are kept so that nobody reads them, nor any token", async () => {
    await using at = await openTestAccounts();
    const { accessToken, refreshToken } = await at.accounts.login({ user: ANN, password: PASSWORD });
    const { token } = await at.accounts.createToken(
      { user: ANN, name: "ci", scopes: [{ verbs: "r", on: "**" }] },
      { agent: ANN },
    );
    const secret = await at.accounts.issueSecret(BOB, OPERATOR);
    await refusal(at.accounts.login({ user: ANN, password: "a wrong password" }));
    const kept = (await at.dump()) + JSON.stringify(at.log);
    assert.match(kept, /demo\.test:users:ann:password/);
    const parts = [refreshToken, token].flatMap((one) => one.split("."));
    for (const one of [PASSWORD, "a wrong password", accessToken, secret, "argon2id", ...parts])
      assert.ok(!kept.includes(one), `${one} is kept`);
  });

  it("change with the one before, or by whoever may write the user, and end all sessions", async () => {
    await using at = await openTestAccounts();
    const { accessToken, refreshToken } = await at.accounts.login({ user: ANN, password: PASSWORD });
    const set = (oldPassword: string, agent: string) =>
      at.accounts.setPassword({ user: ANN, password: "a second password", oldPassword }, { agent });
    assert.equal((await refusal(set("wrong password", ANN))).code, "unauthenticated");
    assert.equal((await refusal(set("", ANN))).code, "unauthenticated");
    for (const agent of [BOB, "", "anonymous"])
      assert.equal((await refusal(set(PASSWORD, agent))).code, "permission_denied");
    await set(PASSWORD, ANN);
    assert.equal((await refusal(at.accounts.authenticate(accessToken))).code, "unauthenticated");
    assert.equal((await refusal(at.accounts.refresh(refreshToken))).code, "unauthenticated");
    assert.equal((await refusal(at.accounts.login({ user: ANN, password: PASSWORD }))).code, "unauthenticated");
    await at.accounts.login({ user: ANN, password: "a second password" });
  });

  it("end with what was opened by the one before, also where both come at once", async () => {
    await using at = await openTestAccounts();
    for (let n = 0; n < 5; n++) {
      const [password, next] = [n === 0 ? PASSWORD : `password number ${n}`, `password number ${n + 1}`];
      const logins = Array.from({ length: 4 }, () => at.accounts.login({ user: ANN, password }));
      const changed = at.accounts.setPassword({ user: ANN, password: next }, OPERATOR);
      const opened = (await Promise.allSettled(logins)).filter((one) => one.status === "fulfilled");
      await changed;
      for (const { value } of opened) {
        assert.equal((await refusal(at.accounts.authenticate(value.accessToken))).code, "unauthenticated");
        assert.equal((await refusal(at.accounts.refresh(value.refreshToken))).code, "unauthenticated");
      }
      await at.accounts.login({ user: ANN, password: next });
    }
  });

  it("are not short, nor easy, nor endless", async () => {
    await using at = await openTestAccounts();
    for (const [password, why] of [
      ["short", "fewer than 10 characters"],
      ["aaaaaaaaaaaa", "too easy to guess"],
      ["demo.test:users", "too easy to guess"],
      ["x".repeat(257), "up to 256 are one"],
    ] as const) {
      const { code, message } = await refusal(at.accounts.setPassword({ user: ANN, password }, OPERATOR));
      assert.equal(code, "invalid_argument");
      assert.ok(message.includes(why) && !message.includes(`"${password}"`), message);
    }
  });

  it("for one login are good for one, of many at once, and then ask for another password", async () => {
    await using at = await openTestAccounts();
    const secret = await at.accounts.issueSecret(BOB, OPERATOR);
    const logins = Array.from({ length: WRONG_FREE }, () => at.accounts.login({ user: BOB, password: secret }));
    const ends = await Promise.allSettled(logins);
    const [one, ...others] = ends.filter((end) => end.status === "fulfilled").map(({ value }) => value);
    assert.ok(one?.mustSetPassword === true && others.length === 0);
    await at.accounts.setPassword({ user: BOB, password: "the password of bob" }, { agent: BOB });
    at.clock.pass(WRONG_KEPT_MS);
    assert.equal((await refusal(at.accounts.login({ user: BOB, password: secret }))).code, "unauthenticated");
    assert.equal((await at.accounts.login({ user: BOB, password: "the password of bob" })).mustSetPassword, false);
    assert.equal((await refusal(at.accounts.issueSecret(BOB, { agent: BOB }))).code, "permission_denied");
    assert.equal((await refusal(at.accounts.issueSecret(BOB, { agent: ANN }))).code, "permission_denied");
  });

  it("go with the user, and are not those of another who comes by the same name", async () => {
    await using at = await openTestAccounts();
    const { accessToken } = await at.accounts.login({ user: ANN, password: PASSWORD });
    await at.registry.remove({ address: ANN }, OPERATOR);
    assert.equal((await refusal(at.accounts.authenticate(accessToken))).code, "permission_denied"); // He was one.
    await at.registry.create({ address: ANN, kind: "User" }, OPERATOR);
    assert.equal((await refusal(at.accounts.login({ user: ANN, password: PASSWORD }))).code, "unauthenticated");
    assert.equal((await refusal(at.accounts.authenticate(accessToken))).code, "unauthenticated");
  });
});
