import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createLog, createNode, defineComponent, OrreryError } from "@orrery/core";
import { contractOf } from "@orrery/core/internal";
import type { Database, Registry } from "@orrery/registry";
import { BundleService } from "@orrery/registry/bundles";
import { openEmptyDatabase, openTestRegistry } from "@orrery/registry/conformance";
import { BroadcastService, FileService, RegistryService, UsageService } from "@orrery/registry/service";
import { UpkeepService } from "@orrery/registry/upkeep";
import { type Kysely, sql } from "kysely";
import { BillingService } from "../gen/orrery/billing/v1/billing_pb.ts";
import { AccountsService, AppsService, CallsService } from "../service.ts";
import { SPACE_SERVICES } from "../services/open-services.ts";
import { AdminService, MembersService, SignupService } from "../services.ts";
import { createGateClock } from "../testing/gate-clock.ts";
import type { Audit, AuditFact } from "./audit.ts";
import { auditComponent } from "./audit-component.ts";
import { AUDITED } from "./audited.ts";
import { openAudit } from "./sql-audit.ts";

const CLOCK = createGateClock();
const SILENT = createLog({ sink: () => {}, now: CLOCK.now, fields: {} });

/** Every service that a platform answers with. */
const SERVICES = [
  ...[RegistryService, BundleService, BroadcastService, FileService, UsageService, UpkeepService],
  ...SPACE_SERVICES,
  ...[AccountsService, AdminService, AppsService, CallsService, SignupService, MembersService],
];

describe("AUDITED", () => {
  it("says of every method of every service of a platform when it is an act of administration, and of no other", () => {
    const said = Object.entries(AUDITED).flatMap(([service, methods]) =>
      Object.keys(methods).map((method) => `${service}.${method}`),
    );
    const there = SERVICES.flatMap((service) =>
      service.methods.map(({ localName }) => `${service.typeName}.${localName}`),
    );
    assert.deepEqual(said.sort(), there.sort());
  });
});

describe("auditComponent", () => {
  let registry: Registry;
  before(async () => {
    registry = await openTestRegistry();
    await registry.create({ address: "ann.test", kind: "Space", owner: "ann" }, { agent: "operator" });
    await registry.create({ address: "own.test", kind: "Space" }, { agent: "operator" });
  });
  after(() => registry[Symbol.asyncDispose]());

  /** Asks a method of a service, whose handler ends so, as somebody; gives what was written down. */
  const ask = async (
    service: (typeof SERVICES)[number],
    method: string,
    { agent, request, fails }: { readonly agent: string; readonly request: object; readonly fails?: Error },
  ) => {
    const facts: AuditFact[] = [];
    const handlers = Object.fromEntries(
      [...contractOf(service).methods.values()].map(({ localName, mode }) => [
        localName,
        mode === "stream"
          ? async function* () {
              if (fails !== undefined) throw fails;
              yield {};
            }
          : () => {
              if (fails !== undefined) throw fails;
              return {};
            },
      ]),
    );
    const bare = defineComponent(service, () => handlers as never);
    const audit = { append: async (fact: AuditFact) => void facts.push(fact) };
    const component = auditComponent(bare, { audit, registry, clock: CLOCK, log: SILENT });
    await using node = createNode({ components: [component], agent });
    await node.start();
    const client = node.client(service) as unknown as Record<string, (request: object) => Promise<unknown>>;
    const answer = client[method]?.(request);
    assert.ok(answer !== undefined, method);
    const read = async () => {
      for await (const _ of answer as unknown as AsyncIterable<unknown>);
    };
    await (Symbol.asyncIterator in answer ? read() : answer).catch((error: unknown) => assert.ok(fails, String(error)));
    return facts;
  };

  for (const [name, methods] of Object.entries(AUDITED))
    it(`writes down who asked what of ${name}, about what and with which outcome, where it is an act`, async () => {
      const service = SERVICES.find(({ typeName }) => typeName === name);
      assert.ok(service !== undefined);
      for (const [method, when] of Object.entries(methods)) {
        const act = `${name}.${method[0]?.toUpperCase()}${method.slice(1)}`;
        const facts = await ask(service, method, { agent: "operator", request: {} });
        if (when === "never") assert.deepEqual(facts, [], act);
        else assert.deepEqual(facts, [{ at: CLOCK.now(), actor: "operator", act, target: "", outcome: "done" }]);
        const byTenant = await ask(service, method, { agent: "ann", request: {} });
        assert.equal(byTenant.length, when === "always" ? 1 : 0, `${act} by somebody else`);
      }
    });

  it("writes down refusals with their code, and streams when they end", async () => {
    const fails = new OrreryError("permission_denied", "Cannot");
    const request = { invoice: "ann.test/1" };
    const [refused] = await ask(BillingService, "markPaid", { agent: "ann", request, fails });
    assert.deepEqual([refused?.outcome, refused?.target, refused?.actor], ["permission_denied", "ann.test/1", "ann"]);
    const [stream] = await ask(UpkeepService, "backup", { agent: "eve", request: {}, fails });
    assert.deepEqual([stream?.act, stream?.outcome], ["orrery.registry.v1.UpkeepService.Backup", "permission_denied"]);
  });

  it("tells what operators do in other people's spaces from what they do in their own", async () => {
    const changed = async (address: string) =>
      (await ask(RegistryService, "change", { agent: "operator", request: { address } })).map(({ target }) => target);
    assert.deepEqual(await changed("ann.test:files"), ["ann.test:files"]);
    assert.deepEqual(await changed("own.test:files"), []);
    assert.deepEqual(await changed("own.test"), ["own.test"]);
  });

  it("writes down what it is not said of whether it is an act", async () => {
    const other = { ...AppsService, typeName: "other.v1.Service" } as typeof AppsService;
    const facts: AuditFact[] = [];
    const audit = { append: async (fact: AuditFact) => void facts.push(fact) };
    const bare = defineComponent(AppsService, () => ({ getApp: () => ({}) }) as never);
    const options = { audit, registry, clock: CLOCK, log: SILENT };
    const component = auditComponent({ ...bare, service: other }, options);
    const { getApp } = component.factory({} as never) as { getApp: (request: object, by: object) => Promise<object> };
    await getApp({ address: "a.test:app" }, { agent: "ann" });
    assert.deepEqual(
      facts.map(({ act, target }) => [act, target]),
      [["other.v1.Service.GetApp", "a.test:app"]],
    );
  });
});

describe("openAudit", () => {
  let database: Database;
  let audit: Audit;
  before(async () => {
    database = await openEmptyDatabase();
    audit = await openAudit(database);
  });
  after(() => database.close());
  const fact = (number: number): AuditFact => {
    return {
      at: 1_000 + number,
      actor: number % 2 ? "ann" : "bob",
      act: "a.Do",
      target: `t${number}`,
      outcome: "done",
    };
  };

  it("keeps entries in order without gaps, many at once, and gives them by page, time and actor", async () => {
    assert.deepEqual(await audit.check(), { entries: 0, head: "" });
    await Promise.all(Array.from({ length: 20 }, (_, at) => audit.append(fact(at + 1))));
    const numbers = async (page: Parameters<Audit["list"]>[0]) => (await audit.list(page)).map(({ number }) => number);
    assert.deepEqual(await numbers({ limit: 3 }), [20, 19, 18]);
    assert.deepEqual(await numbers({ limit: 2, below: 18 }), [17, 16]);
    assert.deepEqual(await numbers({ limit: 9, since: 1_018, actor: "bob" }), [20, 18]);
    const { target, outcome } = (await audit.list({ limit: 1 }))[0] ?? {};
    assert.deepEqual([target, outcome], ["t20", "done"]);
    const reopened = await openAudit(database);
    await reopened.append(fact(21));
    const { entries, head, broken } = await audit.check();
    assert.deepEqual([entries, head.length, broken], [21, 64, undefined]);
  });

  it("finds what was changed, and what was taken out of the middle", async () => {
    const kysely = database.kysely as unknown as Kysely<unknown>;
    await sql`update audit set actor = 'eve' where number = 7`.execute(kysely);
    assert.equal((await audit.check()).broken, 7);
    await sql`update audit set actor = 'ann' where number = 7`.execute(kysely);
    assert.equal((await audit.check()).broken, undefined);
    await sql`delete from audit where number = 9`.execute(kysely);
    assert.equal((await audit.check()).broken, 9);
  });
});
