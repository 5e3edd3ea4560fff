import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import { createSecretBox, createSecretKey } from "@orrery/registry";
import { type BillingDesk, createBillingDesk } from "../billing/billing-desk.ts";
import { createBilling } from "../billing/create-billing.ts";
import { MANUAL_PAYMENTS } from "../billing/manual-payments.ts";
import { DEVELOPER_PLAN } from "../billing/plan.ts";
import { BillingService } from "../gen/orrery/billing/v1/billing_pb.ts";
import { ConfigService } from "../gen/orrery/config/v1/config_pb.ts";
import { MembersService } from "../gen/orrery/signup/v1/members_pb.ts";
import { StoreService } from "../gen/orrery/store/v1/store_pb.ts";
import { createMembers, type Members } from "../signup/members.ts";
import { openInvites } from "../signup/sql-invites.ts";
import { TEST_SERVERS } from "../testing/databases.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { createMemorySubscriptions } from "../testing/memory-subscriptions.ts";
import { CLOCK, OTHER, OWNER, openSpaceWorld, SILENT, type SpaceWorld } from "../testing/space-world.ts";
import { openSpaceServices, type SpaceServices } from "./open-services.ts";

const METHODS: Readonly<Record<string, readonly string[]>> = {
  config: ConfigService.methods.map(({ localName }) => localName),
  store: StoreService.methods.map(({ localName }) => localName),
  // Plans are everybody's to see; some are for operators alone.
  billing: BillingService.methods
    .map(({ localName }) => localName)
    .filter((name) => !["listPlans", "listSubscriptions", "markPaid"].includes(name)),
  // Leaving is about whoever asks, and about no Space that he names.
  members: MembersService.methods.map(({ localName }) => localName).filter((name) => name !== "leave"),
};
const value = Buffer.from("v");

type Asked = Pick<SpaceServices, "config" | "store"> & {
  readonly members: Members;
  readonly billing: BillingDesk;
};

/** Every method, as whoever asks it of a Space; by its name in the contract. */
function asksOf({ config, store, members, billing }: Asked, space: string, by: { readonly agent: string }) {
  const steps = [{ path: "a", value: 1 }];
  const watch = () => config.watch({ space }, by)[Symbol.asyncIterator]().next();
  return {
    config: {
      get: [() => config.get({ space, path: "a" }, by), () => config.get({ space, secrets: true }, by)],
      set: [() => config.set({ space, steps }, by), () => config.set({ space, ifVersion: 99, steps }, by)],
      history: [() => config.history({ space }, by)],
      watch: [watch],
    },
    store: {
      get: [() => store.get({ space, key: "a" }, by)],
      set: [() => store.write({ space, writes: [{ key: "a", value }] }, by)],
      remove: [() => store.write({ space, writes: [{ key: "a" }] }, by)],
      batch: [() => store.write({ space, writes: [{ key: "a", value, ifVersion: 99 }, { key: "b" }] }, by)],
      list: [() => store.list({ space }, by)],
      tables: [() => store.tables({ space }, by)],
    },
    billing: {
      getSubscription: [() => billing.get(space, by)],
      subscribe: [() => billing.subscribe({ space, plan: "", email: "x@a.test" }, by)],
      choosePlan: [() => billing.choose(space, "developer", by)],
      cancel: [() => billing.cancel(space, "now", by), () => billing.cancel(space, "month", by)],
      continue: [() => billing.goOn(space, by)],
      pay: [() => billing.pay(space, by)],
      paymentPage: [() => billing.methodPage(space, "https://a.test/", by)],
      preview: [() => billing.preview(space, by)],
      listInvoices: [() => billing.invoices({ space }, by)],
      listRefusals: [() => billing.refusals({ space, limit: 1 }, by)],
    },
    members: {
      invite: [() => members.invite({ space, email: "x@a.test", isOwn: false }, by)],
      listInvites: [() => members.invites({ space, isOwn: false }, by)],
      revokeInvite: [() => members.revoke({ space, email: "x@a.test", isOwn: false }, by)],
      deleteSpace: [() => members.deleteSpace({ space, confirm: space }, by)],
    },
  } as Readonly<Record<string, Readonly<Record<string, readonly (() => Promise<unknown>)[]>>>>;
}

describe("openSpaceServices", () => {
  let world: SpaceWorld;
  let services: SpaceServices;
  let asked: Asked;
  before(async () => {
    world = await openSpaceWorld(await (TEST_SERVERS["PGlite"] as (typeof TEST_SERVERS)[string])());
    const secrets = createSecretBox([createSecretKey()]);
    services = await openSpaceServices({ ...world, secrets, clock: CLOCK, log: SILENT, random: createSeededRandom(1) });
    const mailer = { send: async () => {} };
    const invites = await openInvites(world.database);
    const members = createMembers({ ...world, invites, mailer, now: CLOCK.now, operator: "operator" });
    const subscriptions = createMemorySubscriptions();
    const nothing = async () => {};
    const hands = { serve: nothing, stop: nothing, plan: nothing, remove: nothing, tell: nothing };
    const payments = MANUAL_PAYMENTS;
    const bills = createBilling({ subscriptions, payments, hands, clock: CLOCK, log: SILENT });
    const counting = { count: async () => {} };
    const money = { billing: bills, subscriptions, counting, payments, plans: [DEVELOPER_PLAN] };
    const billing = createBillingDesk({ ...world, ...money, refused: { list: async () => [] }, now: CLOCK.now });
    asked = { config: services.config, store: services.store, members, billing };
    for (const name of ["full.test", "bare.test", "otto.test"]) await world.space(name);
    await world.grant("otto.test", "csdrwx", "**"); // He may do everything in another Space.
    await services.config.set({ space: "full.test", steps: [{ path: "a", value: 1 }] }, OWNER);
    await services.store.write({ space: "full.test", writes: [{ key: "a", value }] }, OWNER);
    await billing.subscribe({ space: "full.test", plan: "", email: "owen@a.test" }, OWNER);
    await members.invite({ space: "full.test", email: "x@a.test", isOwn: false }, OWNER);
  });
  after(async () => {
    await services?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  for (const [service, methods] of Object.entries(METHODS))
    it(`refuses an outsider every method of ${service}, in the same words for a full Space, an empty one, and none`, async () => {
      const told = async (space: string, agent: string) => {
        const asks = asksOf(asked, space, { agent })[service] ?? {};
        assert.deepEqual(Object.keys(asks).sort(), [...methods].sort());
        const said: string[] = [];
        for (const ask of Object.values(asks).flat()) {
          const { message, details } = await expectRefusal(ask(), "permission_denied");
          said.push(JSON.stringify([message, details]).replaceAll(space, "SPACE"));
        }
        return said;
      };
      for (const agent of [OTHER.agent, "", "anonymous", "otto.test:app"]) {
        const full = await told("full.test", agent);
        assert.deepEqual(await told("bare.test", agent), full);
        assert.deepEqual(await told("none.test", agent), full);
      }
      for (const ask of Object.values(asksOf(asked, "otto.test", OTHER)[service] ?? {}).flat())
        await ask().catch(({ code }: { code: string }) => assert.notEqual(code, "permission_denied"));
    });
});
