import assert from "node:assert/strict";
import { test } from "node:test";
import { type Component, defineComponent, type LimitsSource, OrreryError, outcomeOf } from "@orrery/core";
import { createWorld, type ModelNode, type World } from "@orrery/sim";
import { createGossipDirectory, type GossipDirectory } from "../discovery/gossip-directory.ts";
import { Who, who } from "../discovery/testing/gossip-world.ts";
import { Draining, Move, OperateService } from "../gen/orrery/operate/v1/operate_pb.ts";
import { createLimits, type LimitsOptions } from "../limits/node-limits.ts";
import { createOperateComponent, OPERATE } from "./operate-component.ts";

interface OperatedWorld {
  readonly world: World;
  /** Speaks with one node, as an operator or whoever is named. */
  ask(node: string, agent?: string): ReturnType<ModelNode["life"]["client"]> & Asked;
}

type Asked = ReturnType<typeof clientOf>;
const clientOf = (node: ModelNode) => node.life.client(OperateService);

interface Serving {
  readonly components?: readonly Component[];
  readonly limits?: LimitsOptions;
  readonly operators?: readonly string[];
}

/** Nodes that know one another by gossip and can be operated, and who asks each of them directly. */
async function makeWorld(nodes: Readonly<Record<string, Serving>>, agents = ["operator"]): Promise<OperatedWorld> {
  const world = createWorld({ seed: 7 });
  const first = Object.keys(nodes)[0] ?? "";
  const made = new Map<string, ModelNode>();
  for (const [name, { components = [who(name)], limits, operators }] of Object.entries(nodes)) {
    let directory: GossipDirectory | undefined;
    let source: LimitsSource | undefined;
    const operated = () => ({ node: (made.get(name) as ModelNode).life, directory, limits: source });
    const node = world.node(name, {
      components: () => [...components, createOperateComponent({ operated, ...(operators && { operators }) })],
      directory: () => {
        directory = createGossipDirectory({ seeds: [`sim://${first}`] });
        return directory;
      },
      ...(limits && {
        limits: () => {
          source = createLimits(limits);
          return source;
        },
      }),
    });
    made.set(name, node);
  }
  const askers = new Map<string, ModelNode>();
  for (const name of Object.keys(nodes))
    for (const agent of agents)
      askers.set(
        `${agent} ${name}`,
        world.node(`asks-${name}-${agent}`, {
          agent,
          directory: () => ({ resolve: () => [`sim://${name}`], components: () => [OPERATE] }),
        }),
      );
  await world.start();
  await world.run({ forMs: 5_000 });
  return {
    world,
    ask: (node, agent = "operator") => clientOf(askers.get(`${agent} ${node}`) as ModelNode) as never,
  };
}

test("createOperateComponent tells of its own node: what it runs, whom it knows, and how far they are", async () => {
  const { world, ask } = await makeWorld({ a: {}, b: { components: [who("b", "1.2.0", 3)] } });
  const status = await world.settle(ask("b").status({}));
  assert.deepEqual([status.node, status.draining, status.addresses], ["b", Draining.NO, ["sim://b"]]);
  assert.ok(status.uptimeMs >= 5_000 && status.uptimeMs < 6_000, `${status.uptimeMs}`);
  assert.deepEqual(
    status.components.map(({ name, version, instances, capacity }) => [
      name,
      version,
      instances.map(({ state }) => state),
      capacity?.instances,
    ]),
    [["who", "1.2.0", ["ready", "ready", "ready"], 3]],
  );
  assert.ok(status.peers.some(({ node }) => node === "a"));
  const { node, members } = await world.settle(ask("a").members({}));
  assert.equal(node, "a");
  assert.deepEqual(
    members.map((member) => [member.node, member.status, member.addresses, member.distance !== undefined]),
    [
      ["a", "alive", ["sim://a"], false],
      ["b", "alive", ["sim://b"], true],
    ],
  );
  const [served] = members[1]?.components.filter(({ name }) => name === "who") ?? [];
  assert.deepEqual([served?.version, served?.instances, served?.freeSlots], ["1.2.0", 3, 3]);
});

test("createOperateComponent lets in agents that its rule names, and says to all others which rule it is", async () => {
  const { world, ask } = await makeWorld({ a: {}, b: { operators: ["ops.*"] }, c: { operators: [] } }, [
    "operator",
    "ops.ada",
    "anonymous",
  ]);
  const ends = async (node: string, agent: string) => {
    const outcome = await world.settle(outcomeOf(ask(node, agent).drain({})));
    return outcome.kind === "reply" ? "reply" : `${outcome.error.code}: ${outcome.error.message}`;
  };
  const refused = (node: string, agent: string, rule: string) =>
    `permission_denied: Cannot drain what runs of node "${node}" as agent "${agent}": its rule "operators" lets in ${rule} and nobody else, speak as one of them`;
  assert.equal(await ends("a", "anonymous"), refused("a", "anonymous", '"operator"'));
  assert.equal(await ends("a", "ops.ada"), refused("a", "ops.ada", '"operator"'));
  assert.equal(await ends("b", "operator"), refused("b", "operator", '"ops.*"'));
  assert.equal(await ends("c", "operator"), refused("c", "operator", "nobody"));
  assert.equal((await world.settle(ask("a").status({}))).draining, Draining.NO);
  assert.equal(await ends("a", "operator"), "reply");
  assert.equal(await ends("b", "ops.ada"), "reply");
});

test("createOperateComponent refuses every one of its methods to who is no operator", async () => {
  const { world, ask } = await makeWorld({ a: {} }, ["anonymous"]);
  const methods = Object.values(OperateService.method).map(({ localName }) => localName);
  assert.ok(methods.length >= 8);
  const client = ask("a", "anonymous") as unknown as Record<string, (request: object) => Promise<unknown>>;
  for (const method of methods) {
    const outcome = await world.settle(outcomeOf(client[method]?.({}) ?? assert.fail(method)));
    assert.equal(outcome.kind === "reply" ? "reply" : outcome.error.code, "permission_denied", method);
  }
});

test("createOperateComponent drains a node under load, and no call fails", async () => {
  const slow = (node: string) =>
    defineComponent(Who, () => ({
      ask: async (_, context) => {
        await context.clock.sleep(20);
        return { node };
      },
    }));
  const { world, ask } = await makeWorld({ a: { components: [slow("a")] }, b: { components: [slow("b")] } });
  const directory = () => createGossipDirectory({ seeds: ["sim://a", "sim://b"] });
  const ends: Promise<string>[] = [];
  world.node("caller", {
    directory,
    async run(node) {
      for (let call = 0; call < 200; call++) {
        ends.push(
          node.life
            .client(Who)
            .ask({}, { timeoutMs: 5_000 })
            .then(
              (reply) => reply.node,
              (error: unknown) => String(error),
            ),
        );
        await node.clock.sleep(30);
      }
    },
  });
  await world.start();
  await world.run({ forMs: 1_000 });
  await world.settle(ask("a").drain({}));
  assert.equal((await world.settle(ask("a").status({}))).draining, Draining.GOING_ON);
  await world.run({ forMs: 6_000 });
  assert.equal((await world.settle(ask("a").status({}))).draining, Draining.DONE);
  const by = await world.settle(Promise.all(ends));
  assert.equal(by.length, 200);
  assert.deepEqual([...new Set(by)].sort(), ["a", "b"]);
  assert.deepEqual([...new Set(by.slice(-100))], ["b"]);
});

test("createOperateComponent drains one component, which comes back when its capacity is set", async () => {
  const { world, ask } = await makeWorld({ a: {}, b: {} });
  const client = ask("a");
  assert.deepEqual((await world.settle(client.drain({ component: "who" }))).node, "a");
  await world.run({ forMs: 2_000 });
  const instances = async () => (await world.settle(client.status({}))).components[0]?.instances.length;
  assert.equal(await instances(), 0);
  const seen = await world.settle(ask("b").members({}));
  const names = seen.members.find(({ node }) => node === "a")?.components.map(({ name }) => name);
  assert.deepEqual(names, [OPERATE]);
  const { before, now } = await world.settle(client.setCapacity({ component: "who", instances: 2, inboxMessages: 9n }));
  assert.deepEqual([before?.instances, now?.instances, now?.inboxMessages], [0, 2, 9n]);
  assert.equal(await instances(), 2);
  for (const [request, text] of [
    [{ component: "nobody" }, 'Cannot change component "nobody": node "a" has "who"'],
    [{ component: "who", instances: 5_000 }, /instances is 5000, write a whole number from 0 to/],
  ] as const) {
    const outcome = await world.settle(outcomeOf(client.setCapacity(request)));
    const message = outcome.kind === "reply" ? "" : outcome.error.message;
    if (typeof text === "string") assert.equal(message, text);
    else assert.match(message, text);
  }
});

test("createOperateComponent lists breakers and throttles, moves them by hand, and changes a rate live", async () => {
  const throttles = [{ name: "asks", component: "who", perSecond: 1000 }];
  const { world, ask } = await makeWorld({ a: { components: [], limits: { throttles } }, b: {} });
  const caller = world.nodes.get("a") as ModelNode;
  await world.settle(caller.life.client(Who).ask({}));
  const client = ask("a");
  const { circuits, throttles: listed } = await world.settle(client.circuits({}));
  assert.deepEqual(
    circuits.map(({ place, group, state }) => [place, group, state]),
    [["sim://b", "who", "closed"]],
  );
  assert.deepEqual(
    listed.map(({ name, perSecond, passed }) => [name, perSecond, passed]),
    [["asks", 1000, 1n]],
  );
  const opened = await world.settle(client.moveCircuits({ group: "wh*", to: Move.OPEN, forMs: 60_000 }));
  assert.deepEqual(
    opened.circuits.map(({ state, cause, probeInMs }) => [state, cause, probeInMs]),
    [["open", "was opened by hand", 60_000]],
  );
  const refused = await world.settle(outcomeOf(caller.life.client(Who).ask({})));
  assert.equal(refused.kind === "reply" ? "" : refused.error.reason, "circuit_open");
  const closed = await world.settle(client.moveCircuits({ to: Move.RESET }));
  assert.deepEqual(
    closed.circuits.map(({ state, opened: times }) => [state, times]),
    [["closed", 0]],
  );
  await world.settle(caller.life.client(Who).ask({}));
  const { throttle } = await world.settle(client.changeThrottle({ name: "asks", perSecond: 2 }));
  assert.deepEqual([throttle?.perSecond, throttle?.passed], [2, 2n]);
  for (const [change, code] of [
    [{ name: "other", perSecond: 2 }, "not_found"],
    [{ name: "asks", perSecond: -1 }, "invalid_argument"],
  ] as const) {
    const outcome = await world.settle(outcomeOf(client.changeThrottle(change)));
    assert.equal(outcome.kind === "reply" ? "" : outcome.error.code, code);
  }
  const long = await world.settle(outcomeOf(client.moveCircuits({ to: Move.OPEN, forMs: 1e9 })));
  assert.match(
    long.kind === "reply" ? "" : long.error.message,
    /Cannot move breakers for 1000000000 ms: write a time from 1 ms to 60 min/,
  );
  const unsaid = await world.settle(outcomeOf(client.moveCircuits({})));
  assert.equal(unsaid.kind === "reply" ? "" : unsaid.error.code, "invalid_argument");
});

test("createOperateComponent explains where a call might go, and who decided how far", async () => {
  const { world, ask } = await makeWorld({
    a: { components: [], limits: { horizons: { node: { scope: "network" } } } },
    b: { components: [who("b", "1.0.0")] },
    c: { components: [who("c", "2.0.0")] },
  });
  const caller = world.nodes.get("a") as ModelNode;
  await world.settle(caller.life.client(Who).ask({}, { version: "2.0.0" }));
  const { candidates, horizon } = await world.settle(ask("a").explain({ component: "who", version: "2.0.0" }));
  assert.deepEqual(candidates.map(({ node, version, stage }) => [node, version, stage]).sort(), [
    ["b", "1.0.0", "version"],
    ["c", "2.0.0", ""],
  ]);
  assert.match(horizon, /^scope network, .*node/m);
  const outcome = await world.settle(outcomeOf(ask("a").explain({ component: "who", scope: "galaxy" })));
  assert.ok(outcome.kind !== "reply" && outcome.error instanceof OrreryError);
  assert.match(outcome.error.message, /"galaxy" is no scope, write process, host, network or any$/);
});
