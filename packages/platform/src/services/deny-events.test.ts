import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { contractOf } from "@orrery/core/internal";
import { openTestRegistry } from "@orrery/registry/conformance";
import { createWorld, type World } from "@orrery/sim";
import { createBroker } from "../broker/broker.ts";
import { createBrokerComponent } from "../broker/broker-component.ts";
import { createLocalLines } from "../broker/local-lines.ts";
import { createEvents } from "../events/create-events.ts";
import { createEventComponent } from "../events/event-component.ts";
import type { Events } from "../events/events.ts";
import { createMemoryEventStore } from "../events/memory-event-store.ts";
import { BrokerService } from "../gen/orrery/broker/v1/broker_pb.ts";
import { EventsService } from "../gen/orrery/events/v1/events_pb.ts";
import { createSpaces } from "../spaces/spaces.ts";
import { CLOCK, OPERATOR, SILENT } from "../testing/space-world.ts";

/** What every method is asked, of the Space of somebody else. */
const ASKED = { topic: "orders", group: "billing", receipts: ["a-1-1"], events: [{}], offsets: [1n] };

const AGENTS = ["ann", "bob", "anonymous", "bob.test:users:eve"];

type Method = (request: object) => Promise<object> & AsyncIterable<object>;

describe("the events and the broker of a Space", () => {
  let world: World;
  let events: Events;
  let registry: Awaited<ReturnType<typeof openTestRegistry>>;
  before(async () => {
    registry = await openTestRegistry();
    for (const [address, owner] of [
      ["ann.test", "ann"],
      ["bob.test", "bob"],
    ] as const)
      await registry.create({ address, kind: "Space", owner }, OPERATOR);
    const spaces = createSpaces({ registry });
    const random = createSeededRandom(1);
    events = await createEvents({ store: createMemoryEventStore(), clock: CLOCK, random, log: SILENT });
    const broker = createBroker({ lines: createLocalLines(), clock: CLOCK });
    const components = [createEventComponent({ events, spaces }), createBrokerComponent({ broker, spaces })];
    world = createWorld({ seed: 1 });
    world.node("platform", { components: () => components });
    for (const agent of AGENTS) world.node(`as-${agent.replaceAll(/\W/g, "-")}`, { agent });
    await world.start();
    await as("bob", EventsService, "publish", { space: "bob.test", topic: "orders", events: [{ id: "secret" }] });
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });

  /** Calls a method, or reads the first item of a stream, as somebody. */
  async function as(
    agent: string,
    service: typeof EventsService | typeof BrokerService,
    method: string,
    request: object,
  ) {
    const node = world.nodes.get(`as-${agent.replaceAll(/\W/g, "-")}`);
    const client = node?.life.client(service) as unknown as Record<string, Method>;
    const answer = client[method]?.(request);
    assert.ok(answer !== undefined, method);
    if (!(Symbol.asyncIterator in answer)) return world.settle(answer);
    return world.settle(answer[Symbol.asyncIterator]().next());
  }

  const refusal = async (asking: Promise<unknown>) => {
    const error = await asking.then(
      (answer) => assert.fail(`it was answered: ${String(answer)}`),
      (reason: unknown) => reason,
    );
    if (!isOrreryError(error)) throw error;
    return { code: error.code, message: error.message };
  };

  for (const service of [EventsService, BrokerService])
    for (const { localName } of contractOf(service).methods.values())
      it(`are closed to another one's owner, and alike where there is no Space: ${service.typeName}.${localName}`, async () => {
        const there = await refusal(as("ann", service, localName, { ...ASKED, space: "bob.test" }));
        assert.equal(there.code, "permission_denied");
        const nowhere = await refusal(as("ann", service, localName, { ...ASKED, space: "nobody.test" }));
        assert.deepEqual(nowhere, { ...there, message: there.message.replaceAll("bob.test", "nobody.test") });
        for (const agent of ["anonymous", "bob.test:users:eve"])
          assert.equal(
            (await refusal(as(agent, service, localName, { ...ASKED, space: "bob.test" }))).code,
            "permission_denied",
          );
      });

  it("have nothing of another one under the same names", async () => {
    assert.deepEqual(
      await as("ann", EventsService, "listTopics", { space: "ann.test" }).then(
        (a) => (a as { topics: unknown[] }).topics,
      ),
      [],
    );
    const read = refusal(as("ann", EventsService, "read", { space: "ann.test", topic: "orders" }));
    assert.equal((await read).code, "not_found");
    const taken = await as("ann", EventsService, "fetch", {
      space: "ann.test",
      topic: "orders",
      group: "billing",
      max: 10,
    });
    assert.deepEqual((taken as { deliveries: unknown[] }).deliveries, []);
    const own = await as("bob", EventsService, "read", { space: "bob.test", topic: "orders" });
    assert.deepEqual(
      (own as { events: { id: string }[] }).events.map(({ id }) => id),
      ["secret"],
    );
  });
});
