import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const PLANS = `plans:
  free: { title: Free, price: 0 USD, seats: { included: 1, price: 5 USD }, services: { included: 1, price: 5 USD }, grace: 7d, keep: 30d }
  developer: { title: Developer, price: 35 USD, seats: { included: 1, price: 5 USD }, services: { included: 1, price: 5 USD }, grace: 7d, keep: 30d }
`;

describe("orrery signup", () => {
  let up: TestUp;
  before(async () => {
    const planFile = { name: "plans.yaml", content: PLANS };
    up = await openTestUp({ billing: { mailFrom: "orrery@localhost", planFile, signup: "open" } });
    await up.done(`env add here ${up.http} --use`);
  });
  after(() => up?.[Symbol.asyncDispose]());

  const mail = () => join(up.cwd, "data", "mail");
  const codeFor = (email: string) => {
    const letters = readdirSync(mail())
      .sort()
      .map((name) => readFileSync(join(mail(), name), "utf8"));
    const codes = letters
      .filter((one) => one.includes(`To: ${email}`))
      .flatMap((one) => /Your code is (\S+)/.exec(one)?.[1] ?? []);
    return codes.at(-1) ?? "";
  };
  const secrets = (...said: string[]) => ({ env: { ORRERY_SERVER: "" }, secrets: said });
  const PASSWORD = "four quiet horses";
  const post = (method: string, body: object, token = "") =>
    fetch(`${up.http}/orrery.${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token !== "" && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
  const pending = () => join(up.cwd, ".config", "orrery", "signups", "here.json");

  it("takes the code that was mailed, makes a space that is served, and logs in", async () => {
    const begun = await up.orrery("signup ann@example.com", { env: { ORRERY_SERVER: "" } });
    assert.deepEqual([begun.exit, /Waiting for the code/.test(begun.out)], [0, true], begun.err);
    assert.equal(statSync(pending()).mode & 0o777, 0o600);
    const wrong = await up.orrery("signup ann@example.com --code=2222-2222", { env: { ORRERY_SERVER: "" } });
    assert.deepEqual([wrong.exit, /it is another, 4 tries are left/.test(wrong.err)], [3, true], wrong.err);
    const made = await up.orrery(
      "signup ann@example.com --space=ann.test --plan=free",
      secrets(codeFor("ann@example.com"), PASSWORD, PASSWORD),
    );
    assert.deepEqual([made.exit, made.out], [0, "Made ann.test with ann.test:users:ann, and it is served\n"], made.err);
    assert.equal(existsSync(pending()), false);
    const env = { ORRERY_SERVER: "" };
    assert.match(await up.done("whoami", { env }), /ann\.test:users:ann/);
    await up.done("create 'ann.test:site<FileSystem>'", { env });
    assert.equal((await up.orrery("create 'other.test<Space>'", { env })).exit, 3);
  });

  it("shows what is to be paid, goes on once it is, tells what is wrong, and abandons what is not paid", async () => {
    const words = "--plan=developer --output=json";
    const order = async (email: string, space: string) => {
      await up.orrery(`signup ${email}`, { env: { ORRERY_SERVER: "" } });
      const line = `signup ${email} --space=${space} ${words}`;
      return JSON.parse(await up.done(line, secrets(codeFor(email), PASSWORD, PASSWORD)));
    };
    const bob = await order("bob.b@example.com", "bob.test");
    assert.deepEqual([bob.stage, bob.user, bob.open.amount], ["paying", "bob.test:users:bob-b", 3_500]);
    await up.done("billing mark-paid bob.test/1");
    assert.match(await up.done("signup bob.b@example.com", { env: { ORRERY_SERVER: "" } }), /and it is served/);
    await up.orrery("signup eve@example.com", { env: { ORRERY_SERVER: "" } });
    const line = `signup eve@example.com --code=${codeFor("eve@example.com")}`;
    const none = await up.orrery(line, { env: { ORRERY_SERVER: "" } });
    assert.deepEqual([none.exit, /no space is named/.test(none.err)], [2, true], none.err);
    const taken = await up.orrery("signup eve@example.com --space=ann.test", secrets(PASSWORD, PASSWORD));
    assert.deepEqual([taken.exit, /already in use/.test(taken.err)], [1, true], taken.err);
    const eve = await up.done(`signup eve@example.com --space=eve.test ${words}`, secrets(PASSWORD, PASSWORD));
    assert.equal(JSON.parse(eve).stage, "paying");
    assert.match(await up.done("signup eve@example.com --abandon", { env: { ORRERY_SERVER: "" } }), /^Undone/);
    assert.equal((await up.orrery("get eve.test")).exit, 4);
  });

  it("has people invited who join, and are refused when they are removed, and who leave", async () => {
    const env = { ORRERY_SERVER: "" };
    const operator = { env: { ORRERY_SPACE: "ann.test" } };
    assert.match(
      await up.done("invite bob@example.com", operator),
      /^Invited bob@example\.com to ann\.test, until \d{4}/,
    );
    assert.match(await up.done("invite ls", operator), /^bob@example\.com +operator +\d{4}/m);
    await up.orrery("join ann.test bob@example.com", { env });
    const joined = await up.orrery(
      "join ann.test bob@example.com",
      secrets(codeFor("bob@example.com"), PASSWORD, PASSWORD),
    );
    assert.deepEqual([joined.exit, joined.out], [0, "Joined ann.test as ann.test:users:bob\n"], joined.err);
    assert.match(await up.done("get ann.test", { env }), /ann\.test/);
    const login = { user: "ann.test:users:bob", password: PASSWORD };
    const { tokens } = JSON.parse(await (await post("accounts.v1.AccountsService/Login", login)).text());
    const look = () => post("registry.v1.RegistryService/Whoami", {}, tokens.accessToken);
    assert.equal((await look()).status, 200);
    await up.done("user rm ann.test:users:bob");
    const next = await look();
    assert.deepEqual([next.status, /that user was removed/.test(await next.text())], [403, true]);
    const { exit, err } = await up.orrery("get ann.test", { env });
    assert.deepEqual([exit, /ann\.test:users:bob/.test(err)], [3, true], err);
    await up.done("invite eve@example.com", operator);
    await up.done("invite revoke eve@example.com", operator);
    assert.match((await up.orrery("invite ls", operator)).err, /Nobody is invited/);
    assert.equal((await up.orrery("leave", operator)).exit, 1);
  });
});
