import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, createSystemClock } from "@orrery/core";
import { openTestRegistry } from "@orrery/registry/conformance";
import type { Mail } from "../mail/mailer.ts";
import { createSpaces } from "../spaces/spaces.ts";
import { createBillingDesk } from "./billing-desk.ts";
import { createBillingHands, NOT_SERVED } from "./billing-hands.ts";
import { countExtras } from "./count-extras.ts";
import { createBilling } from "./create-billing.ts";
import type { ChargeOutcome, Payments } from "./payments.ts";
import { DAY_MS, DEVELOPER_PLAN } from "./plan.ts";
import { openSubscriptions } from "./sql-subscriptions.ts";

const OPERATOR = { agent: "operator" };
const ANN = { agent: "a.test:users:ann" };
const BOB = { agent: "b.test:users:bob" };
const SMALL_PLAN = { ...DEVELOPER_PLAN, name: "small", quotas: { instances: 2, storageBytes: 1_000 } };
const APP = { name: "App", summary: "An app", parents: ["Space", "Base"], segments: ["name"] } as const;

describe("createBillingDesk", () => {
  it("bills a Space for whoever may write its bill, and stops and serves the Space by it", async () => {
    await using at = await open();
    const { desk, registry } = at;
    const order = { space: "", plan: "", email: "ann@a.test" };
    assert.equal((await desk.subscribe(order, ANN)).standing, "active");
    at.charges({ kind: "declined", reason: "no funds" });
    at.go(40 * DAY_MS);
    await at.billing.settle();
    assert.equal((await desk.get("a.test", ANN)).standing, "grace");
    at.go(7 * DAY_MS);
    await at.billing.settle();
    assert.equal((await registry.get("a.test", OPERATOR)).properties["suspended"], NOT_SERVED);
    assert.match(at.mails.at(-1)?.text ?? "", /^Invoice a\.test\/2 is not paid: nothing is served until it is/);
    at.charges({ kind: "paid" });
    assert.equal((await desk.pay("a.test", ANN)).standing, "active");
    assert.equal((await registry.get("a.test", OPERATOR)).properties["suspended"], undefined);
    assert.deepEqual(
      (await desk.invoices({ space: "a.test" }, ANN)).map(({ id, state }) => [id, state]),
      [
        ["a.test/2", "paid"],
        ["a.test/1", "paid"],
      ],
    );
  });

  it("has the Space say what its plan lets it have, from the month on in which that plan begins", async () => {
    await using at = await open();
    const { desk, registry } = at;
    const planned = async () => (await registry.get("a.test", OPERATOR)).properties["plan"];
    await desk.subscribe({ space: "a.test", plan: "", email: "ann@a.test" }, ANN);
    assert.equal(await planned(), undefined);
    for (const [plan, said] of [
      ["small", { name: "small", instances: 2, storageBytes: 1_000 }],
      ["developer", undefined],
    ] as const) {
      const before = await planned();
      await desk.choose("a.test", plan, ANN);
      assert.deepEqual(await planned(), before);
      at.go(32 * DAY_MS);
      await at.billing.settle();
      assert.deepEqual(await planned(), said);
    }
    const change = { address: "a.test", properties: { plan: { name: "mine" } } };
    await assert.rejects(registry.change(change, ANN), { code: "permission_denied" });
  });

  it("leaves a Space suspended that an operator has suspended for another reason", async () => {
    await using at = await open();
    await at.registry.change({ address: "a.test", properties: { suspended: "abuse" } }, OPERATOR);
    await at.desk.subscribe({ space: "a.test", plan: "", email: "ann@a.test" }, ANN);
    await at.desk.cancel("a.test", "now", ANN);
    assert.equal((await at.registry.get("a.test", OPERATOR)).properties["suspended"], "abuse");
  });

  it("counts users and apps as they come and go", async () => {
    await using at = await open();
    const { desk, registry } = at;
    const begun = await desk.subscribe({ space: "a.test", plan: "", email: "ann@a.test" }, ANN);
    assert.deepEqual([begun.counts.seats.now, begun.counts.services.now], [1, 0], "what is there already is counted");
    await registry.create({ address: "a.test:shop", kind: "App" }, OPERATOR);
    await at.until(async () => (await desk.get("a.test", ANN)).counts.services.now === 1);
    assert.equal((await desk.get("a.test", ANN)).counts.seats.now, 1);
    await registry.create({ address: "a.test:users:eve", kind: "User" }, OPERATOR);
    await at.until(async () => (await desk.get("a.test", ANN)).counts.seats.now === 2);
    at.go(10 * DAY_MS);
    const { lines } = await desk.preview("a.test", ANN);
    assert.deepEqual(
      lines.map(({ text }) => text.replace(/,.*/, "")),
      ["0.32 more seats than 1"],
    );
    await registry.remove({ address: "a.test:shop" }, OPERATOR);
    await at.until(async () => (await desk.get("a.test", ANN)).counts.services.now === 0);
  });

  it("refuses everything to others, in the same words whether there is a bill or not", async () => {
    await using at = await open();
    const { desk } = at;
    const order = { plan: "", email: "x@x.test" };
    const refusals = async (space: string) => {
      const asks = [
        desk.get(space, BOB),
        desk.subscribe({ ...order, space }, BOB),
        desk.choose(space, "", BOB),
        desk.cancel(space, "now", BOB),
        desk.goOn(space, BOB),
        desk.pay(space, BOB),
        desk.methodPage(space, "https://x.test/", BOB),
        desk.preview(space, BOB),
        desk.invoices({ space }, BOB),
        desk.refusals({ space, limit: 1 }, BOB),
        desk.allRefusals({ limit: 1 }, BOB),
        desk.list({ after: "", limit: 10 }, BOB),
        desk.markPaid(`${space}/1`, BOB),
      ];
      const messages = await Promise.all(
        asks.map((ask) =>
          ask.then(
            () => "allowed",
            (error: unknown) => String(error),
          ),
        ),
      );
      return messages.map((message) => message.replaceAll(space, "SPACE"));
    };
    const without = await refusals("a.test");
    assert.ok(
      without.every((message) => /permission_denied|Cannot/.test(message) && message !== "allowed"),
      without.join("\n"),
    );
    await desk.subscribe({ ...order, space: "a.test" }, ANN);
    assert.deepEqual(await refusals("a.test"), without);
    assert.deepEqual(await refusals("c.test"), without);
    assert.equal(at.mails.length, 0);
  });

  it("lets operators see all bills, and say what was paid by other means", async () => {
    await using at = await open();
    const { desk } = at;
    at.charges({ kind: "waiting" });
    const made = await desk.subscribe({ space: "a.test", plan: "developer", email: "ann@a.test" }, ANN);
    assert.deepEqual([made.standing, made.open?.next], ["starting", null]);
    assert.equal((await desk.list({ after: "", limit: 10 }, OPERATOR)).length, 1);
    assert.equal((await desk.markPaid("a.test/1", OPERATOR)).standing, "active");
    await assert.rejects(desk.markPaid("a.test/1", OPERATOR), /no such invoice is open/);
    await assert.rejects(
      desk.choose("a.test", "develper", ANN),
      /there is none of that name, did you mean "developer"\?/,
    );
  });

  it("begins anew where a Space of that name was removed, and shows its bills to nobody else", async () => {
    await using at = await open();
    const { desk, registry } = at;
    const order = { space: "a.test", plan: "", email: "ann@a.test" };
    await desk.subscribe(order, ANN);
    await desk.cancel("a.test", "now", ANN);
    for (const days of [24, 8]) {
      at.go(days * DAY_MS);
      await at.billing.settle();
    }
    await assert.rejects(registry.get("a.test", OPERATOR), /not/);
    await registry.create({ address: "a.test", kind: "Space" }, OPERATOR);
    const anew = await desk.subscribe({ ...order, email: "new@a.test" }, OPERATOR);
    assert.deepEqual([anew.standing, anew.email], ["active", "new@a.test"]);
    assert.deepEqual(
      (await desk.invoices({ space: "a.test" }, OPERATOR)).map(({ id }) => id),
      ["a.test/2"],
    );
  });
});

/** Bills over a registry with two Spaces, whose owners are ann and bob. */
async function open() {
  const registry = await openTestRegistry({ operators: ["operator"], kinds: [APP] });
  for (const [space, user] of [
    ["a.test", "ann"],
    ["b.test", "bob"],
  ] as const) {
    await registry.create({ address: space, kind: "Space", owner: `${space}:users:${user}` }, OPERATOR);
    await registry.create({ address: `${space}:users`, kind: "UserBase", owner: "operator" }, OPERATOR);
    await registry.create({ address: `${space}:users:${user}`, kind: "User", owner: "operator" }, OPERATOR);
  }
  let now = Date.UTC(2026, 0, 1);
  let outcome: ChargeOutcome = { kind: "paid" };
  const mails: Mail[] = [];
  const payments: Payments = {
    name: "test",
    open: async ({ space }) => space,
    hasMethod: async () => true,
    methodPage: async () => undefined,
    charge: async () => outcome,
    withdraw: async () => "withdrawn",
    refund: async () => {},
  };
  const clock = { ...createSystemClock(), now: () => now };
  const log = createLog({ sink: () => {}, now: () => now, fields: {} });
  const subscriptions = await openSubscriptions(registry.database);
  const mailer = { send: async (mail: Mail) => void mails.push(mail) };
  const hands = createBillingHands({ registry, mailer, agent: "operator" });
  const billing = createBilling({ subscriptions, payments, hands, clock, log });
  const counting = countExtras({ registry, billing, subscriptions, clock, log, agent: "operator" });
  const desk = createBillingDesk({
    ...{ billing, subscriptions, counting, payments, registry, plans: [DEVELOPER_PLAN, SMALL_PLAN], now: () => now },
    ...{ spaces: createSpaces({ registry }), refused: { list: async () => [] } },
  });
  return {
    ...{ registry, billing, desk, mails, clock, log },
    charges: (next: ChargeOutcome) => {
      outcome = next;
    },
    go: (ms: number) => {
      now += ms;
    },
    until: async (is: () => Promise<boolean>) => {
      while (!(await is())) await clock.sleep(10);
    },
    [Symbol.asyncDispose]: async () => {
      await counting[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
    },
  };
}
