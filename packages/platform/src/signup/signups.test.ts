import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog, isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import type { Billing } from "../billing/billing.ts";
import { createBillingHands, NOT_SERVED } from "../billing/billing-hands.ts";
import { createBilling } from "../billing/create-billing.ts";
import { MANUAL_PAYMENTS } from "../billing/manual-payments.ts";
import { DAY_MS, DEVELOPER_PLAN } from "../billing/plan.ts";
import { openSubscriptions } from "../billing/sql-subscriptions.ts";
import type { Mail } from "../mail/mailer.ts";
import { createSpaces } from "../spaces/spaces.ts";
import { ANN, OPERATOR, openTestAccounts, type TestAccounts } from "../testing/open-accounts.ts";
import { createSignups } from "./create-signups.ts";
import type { Invites } from "./invites.ts";
import { CODE_MS, CODE_TRIES_MAX, CODES_MAX } from "./limits.ts";
import { createMembers, type Members } from "./members.ts";
import { createSignupHands } from "./signup-hands.ts";
import type { SignupHands, Signups, SignupsOptions } from "./signups.ts";
import { openInvites } from "./sql-invites.ts";
import { openSignupRecords } from "./sql-signups.ts";

const PASSWORD = "four quiet horses";
const HOUR_MS = 3_600_000;
const FREE = { ...DEVELOPER_PLAN, name: "free", price: 0 };

describe("createSignups", () => {
  let at: TestAccounts;
  let billing: Billing;
  let options: SignupsOptions;
  let signups: Signups;
  let invites: Invites;
  let members: Members;
  const letters: Mail[] = [];
  before(async () => {
    at = await openTestAccounts();
    const { registry, clock } = at;
    const { database } = registry;
    const log = createLog({ sink: () => {}, now: clock.now, fields: {} });
    const mailer = { send: async (mail: Mail) => void letters.push(mail) };
    const hands = createBillingHands({ registry, mailer, agent: "operator" });
    const subscriptions = await openSubscriptions(database);
    billing = createBilling({ subscriptions, payments: MANUAL_PAYMENTS, hands, clock, log });
    invites = await openInvites(database);
    const [records, random] = [await openSignupRecords(database), createSeededRandom(7)];
    options = {
      ...{ records, invites, mode: "open", billing, payments: MANUAL_PAYMENTS, plans: [DEVELOPER_PLAN, FREE], mailer },
      ...{ hands: createSignupHands({ registry, agent: "operator" }), hasher: at.hasher, random, clock, log },
      secrets: createSecretBox([createSecretKey()]),
    };
    signups = createSignups(options);
    const spaces = createSpaces({ registry });
    members = createMembers({ invites, spaces, registry, mailer, now: clock.now, operator: "operator" });
  });
  after(() => at?.[Symbol.asyncDispose]());

  const codeOf = () => /Your code is (\S+)/.exec(letters.at(-1)?.text ?? "")?.[1] ?? "";
  const refusal = async (asking: Promise<unknown>) => {
    const error = await asking.then(
      (answer) => assert.fail(`it was answered: ${JSON.stringify(answer)}`),
      (reason: unknown) => reason,
    );
    if (!isOrreryError(error)) throw error;
    return { code: error.code, message: error.message };
  };
  const confirmed = async (email: string) => {
    const { signup } = await signups.begin(email);
    await signups.confirm(signup, codeOf());
    return signup;
  };
  const wish = (space: string, plan = "") => ({ space, user: "ann", password: PASSWORD, plan });
  const there = (address: string) => at.registry.get(address, OPERATOR).catch(() => undefined);

  it("leads from a mailed code to a Space that is served once it is paid, owned by an account that logs in", async () => {
    const { signup } = await signups.begin("ann@a.test");
    assert.equal(letters.at(-1)?.to, "ann@a.test");
    assert.equal((await signups.confirm(signup, ` ${codeOf().toUpperCase()} `)).stage, "confirmed");
    const seen = await signups.order(signup, wish("ann.test"));
    assert.deepEqual([seen.stage, seen.user, seen.open?.amount], ["paying", "ann.test:users:ann", 3_500]);
    const space = await there("ann.test");
    assert.deepEqual([space?.owner, space?.properties["suspended"]], ["ann.test:users:ann", NOT_SERVED]);
    await billing.hear({ invoice: "ann.test/1", outcome: { kind: "paid" } });
    assert.equal((await signups.get(signup)).stage, "done");
    assert.equal((await there("ann.test"))?.properties["suspended"], undefined);
    assert.match(letters.at(-1)?.text ?? "", /You log in as ann\.test:users:ann\./);
    assert.equal(
      (await at.accounts.login({ user: "ann.test:users:ann", password: PASSWORD })).user,
      "ann.test:users:ann",
    );
    assert.deepEqual(await signups.order(signup, wish("ann.test")), await signups.get(signup));
  });

  it("asks nothing for a plan that costs nothing, and serves at once", async () => {
    const seen = await signups.order(await confirmed("eve@a.test"), wish("eve.test", "free"));
    assert.equal(seen.stage, "done");
    assert.equal((await there("eve.test"))?.properties["suspended"], undefined);
  });

  it("takes a code once, within its time, and tells no more of one that is wrong than how many tries are left", async () => {
    const { signup } = await signups.begin("bob@a.test");
    const code = codeOf();
    for (let left = CODE_TRIES_MAX - 1; left > 0; left--)
      assert.match((await refusal(signups.confirm(signup, "2222-2222"))).message, new RegExp(`another, ${left} tries`));
    const spent = await refusal(signups.confirm(signup, "2222-2222"));
    assert.deepEqual(await refusal(signups.confirm(signup, code)), spent);
    const late = await signups.begin("bob@a.test");
    at.clock.pass(CODE_MS);
    assert.deepEqual(await refusal(signups.confirm(late.signup, codeOf())), spent);
    const again = await signups.begin("bob@a.test");
    await signups.confirm(again.signup, codeOf());
    assert.deepEqual(await refusal(signups.confirm(again.signup, codeOf())), spent);
    assert.deepEqual(await refusal(signups.confirm("nobody", codeOf())), spent);
    assert.equal(spent.code, "unauthenticated");
  });

  it("takes the code of no other signup", async () => {
    const first = await signups.begin("cat@a.test");
    const code = codeOf();
    const second = await signups.begin("cat@a.test");
    assert.equal((await refusal(signups.confirm(second.signup, code))).code, "unauthenticated");
    assert.equal((await signups.confirm(first.signup, code)).stage, "confirmed");
  });

  it("mails one address so many codes in an hour, to no address that is none, and nobody where it is closed", async () => {
    for (let count = 0; count < CODES_MAX; count++) await signups.begin("dan@a.test");
    const { code, message } = await refusal(signups.begin("dan@a.test"));
    assert.deepEqual([code, /try again in 60 minutes/.test(message)], ["resource_exhausted", true], message);
    at.clock.pass(HOUR_MS + 1);
    await signups.begin("dan@a.test");
    assert.equal((await refusal(signups.begin("dan@a.test, eve@a.test"))).code, "invalid_argument");
    const closed = createSignups({ ...options, mode: "closed" });
    assert.equal((await refusal(closed.begin("fay@a.test"))).code, "permission_denied");
  });

  it("keeps neither code nor password nor secret where anybody could read them", async () => {
    const { signup } = await signups.begin("gil@a.test");
    const code = codeOf();
    const away: SignupHands = { ...options.hands, make: () => Promise.reject(new Error("no answer")) };
    const broken = createSignups({ ...options, hands: away });
    await broken.confirm(signup, code);
    await broken.order(signup, wish("gil.test"));
    const kept = await at.dump();
    assert.ok(kept.includes("gil@a.test"));
    for (const secret of [signup, code, code.replace("-", ""), PASSWORD, "$argon2id$"])
      assert.ok(!kept.includes(secret), secret);
  });

  it("goes on after the process has died, with what was begun", async () => {
    const signup = await confirmed("hal@a.test");
    const away: SignupHands = {
      ...options.hands,
      make: async (one) => {
        await options.hands.make(one);
        throw new Error("no answer");
      },
    };
    assert.equal((await createSignups({ ...options, hands: away }).order(signup, wish("hal.test"))).stage, "making");
    at.clock.pass(60_000);
    const next = createSignups(options);
    await next.settle();
    assert.equal((await next.get(signup)).stage, "paying");
    assert.equal((await there("hal.test"))?.owner, "hal.test:users:ann");
  });

  it("leaves nothing where it is not paid in time, and the name to others", async () => {
    const signup = await confirmed("ida@a.test");
    await signups.order(signup, wish("ida.test"));
    at.clock.pass(DEVELOPER_PLAN.graceMs);
    await signups.settle();
    const { stage, why } = await signups.get(signup);
    assert.deepEqual([stage, why], ["undone", "it was not paid"]);
    for (const address of ["ida.test", "ida.test:users", "ida.test:users:ann"])
      assert.equal(await there(address), undefined);
    assert.equal((await billing.get("ida.test")).standing, "removed");
    const other = await signups.order(await confirmed("joe@a.test"), wish("ida.test"));
    assert.deepEqual([other.stage, other.open?.id], ["paying", "ida.test/2"]);
  });

  it("is undone when whoever began it wishes so, but not once it is paid", async () => {
    const signup = await confirmed("kim@a.test");
    await signups.order(signup, wish("kim.test"));
    assert.equal((await signups.abandon(signup)).stage, "undone");
    assert.equal(await there("kim.test"), undefined);
    const paid = await confirmed("kim@a.test");
    await signups.order(paid, wish("kim.test", "free"));
    assert.equal((await signups.abandon(paid)).stage, "done");
    assert.notEqual(await there("kim.test"), undefined);
  });

  it("makes nothing of what is there, and takes another name then; forgets itself after a day", async () => {
    const signup = await confirmed("lea@a.test");
    const seen = await signups.order(signup, wish("demo.test"));
    assert.equal(seen.stage, "confirmed");
    assert.match(seen.why, /the address is already in use/);
    assert.equal((await there("demo.test"))?.owner, "operator");
    assert.equal((await signups.order(signup, wish("lea.test", "free"))).stage, "done");
    at.clock.pass(DAY_MS + 1);
    await signups.settle();
    assert.equal((await refusal(signups.get(signup))).code, "not_found");
  });

  it("lets an invited address join, who sees the Space and its apps, may leave, and may not what a member may not", async () => {
    const [email, owner] = ["mia@a.test", { agent: "ann.test:users:ann" }];
    const place = { space: "ann.test", email, isOwn: false };
    assert.equal((await refusal(members.invite(place, { agent: ANN }))).code, "permission_denied");
    await members.invite(place, owner);
    assert.match(
      letters.at(-1)?.text ?? "",
      /ann\.test:users:ann invites you to come to the space ann\.test.*orrery join ann\.test mia@a\.test/s,
    );
    assert.deepEqual(
      (await members.invites(place, owner)).map((one) => one.email),
      [email],
    );
    const { signup } = await signups.begin(email, { join: "ann.test" });
    await signups.confirm(signup, codeOf());
    const seen = await signups.order(signup, { ...wish("other.test"), user: "mia" });
    assert.deepEqual([seen.stage, seen.user], ["done", "ann.test:users:mia"]);
    assert.deepEqual(await members.invites(place, owner), []);
    const mia = { agent: "ann.test:users:mia" };
    await at.accounts.login({ user: mia.agent, password: PASSWORD });
    const may = async (verb: "read" | "write", address: string) =>
      (await at.registry.can({ ...mia, verb, address }, OPERATOR)).allowed;
    assert.deepEqual([await may("read", "ann.test"), await may("write", "ann.test")], [true, false]);
    for (const service of ["config", "secrets", "store", "billing", "members"])
      assert.equal(await may("read", `ann.test:[${service}]`), false, service);
    assert.equal((await refusal(members.invite({ ...place, email: "x@a.test" }, mia))).code, "permission_denied");
    assert.equal((await refusal(members.leave(owner))).code, "failed_precondition");
    const { accessToken } = await at.accounts.login({ user: mia.agent, password: PASSWORD });
    await members.leave(mia);
    assert.equal((await refusal(at.accounts.authenticate(accessToken))).code, "permission_denied");
    assert.deepEqual((await there("ann.test:members"))?.properties["members"], []);
    assert.equal((await refusal(members.leave(mia))).code, "failed_precondition");
  });

  it("mails who is not invited, or no more, that he is not; and tells nobody else", async () => {
    const place = { space: "ann.test", email: "ned@a.test", isOwn: false };
    const invited = createSignups({ ...options, mode: "invited" });
    await members.invite(place, OPERATOR);
    await members.revoke(place, OPERATOR);
    assert.equal((await refusal(members.revoke(place, OPERATOR))).code, "not_found");
    const { signup } = await invited.begin(place.email, { join: "ann.test" });
    assert.match(letters.at(-1)?.text ?? "", /sign you up to ann\.test, and that takes an invite/);
    assert.match((await refusal(invited.confirm(signup, "2222-2222"))).message, /4 tries are left/);
    await invited.begin(place.email);
    assert.match(letters.at(-1)?.text ?? "", /a space of your own, and that takes an invite here/);
    await members.invite({ ...place, isOwn: true }, OPERATOR);
    assert.equal((await refusal(members.invite({ ...place, isOwn: true }, { agent: ANN }))).code, "permission_denied");
    await invited.begin(place.email);
    assert.match(letters.at(-1)?.text ?? "", /Your code is/);
    at.clock.pass(15 * DAY_MS);
    await invited.begin(place.email);
    assert.match(letters.at(-1)?.text ?? "", /takes an invite here/);
  });

  for (const [what, bad] of Object.entries({
    "a space in a space": { space: "demo.test:files" },
    "a space that is none": { space: "Demo Test" },
    "a user that is none": { user: "ann@a.test" },
    "a password that is short": { password: "short" },
    "a plan that there is not": { plan: "developr" },
  }))
    it(`refuses ${what}, and takes what is right then`, async () => {
      const signup = await confirmed(`x${what.length}@a.test`);
      const { code } = await refusal(signups.order(signup, { ...wish("new.test"), ...bad }));
      assert.equal(code, "plan" in bad ? "not_found" : "invalid_argument");
      assert.equal((await signups.get(signup)).stage, "confirmed");
    });
});
