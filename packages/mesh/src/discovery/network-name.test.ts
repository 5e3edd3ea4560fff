import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, createMemoryHub, createNode, type LogEntry, outcomeOf } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { waitUntil } from "../testing/wait-until.ts";
import { createGossipDirectory } from "./gossip-directory.ts";
import { joinGossip, Who, who } from "./testing/gossip-world.ts";

test("createGossipDirectory keeps two networks apart that meet by accident, and says so once for each connection", async () => {
  const lines: LogEntry[] = [];
  const world = createWorld({ trace: "off", log: (entry) => lines.push(entry) });
  await using _ = world;
  const gossip = joinGossip(world);
  gossip.add("a0", { network: "eu-1", seeds: ["sim://a0"] });
  gossip.add("a1", { network: "eu-1", seeds: ["sim://a0"] });
  gossip.add("b0", { network: "us-1", seeds: ["sim://b0", "sim://a0"] });
  gossip.add("b1", { network: "us-1", seeds: ["sim://b0"] });
  gossip.add("c0", { seeds: ["sim://a1"] });
  await world.start();
  await world.run({ forMs: 120_000 });
  assert.deepEqual(gossip.seenBy("a0"), ["a0", "a1"]);
  assert.deepEqual(gossip.seenBy("b0"), ["b0", "b1"]);
  assert.deepEqual(gossip.seenBy("c0"), ["c0"]);
  const said = lines.filter(({ level, text }) => level === "warn" && text.includes("stay apart"));
  assert.ok(said.length >= 2 && said.length <= 8, `${said.length} lines in two minutes`);
  assert.match(
    said[0]?.text ?? "",
    /^node ".*" at "sim:\/\/.*" is of network ".*", this one of .*: they stay apart, check the seeds$/,
  );
});

test("createGossipDirectory shows nothing to a node of another network, and takes the name of its own for no other", async () => {
  const world = createWorld({ trace: "off" });
  await using _ = world;
  const gossip = joinGossip(world, { network: "eu-1", seeds: ["sim://a0"] });
  gossip.add("a0");
  const ask = (name: string, network?: string) => {
    const directory = () => createGossipDirectory({ seeds: ["sim://a0"], ...(network !== undefined && { network }) });
    return { name, node: world.node(name, { directory, components: [] }) };
  };
  const plain = ask("plain", "eu-1");
  const foreign = ask("foreign", "us-1");
  await world.start();
  const call = ({ node }: ReturnType<typeof ask>) =>
    world.settle(outcomeOf(node.life.client(Who).ask({}, { timeoutMs: 2_000 })));
  assert.equal((await call(plain)).kind, "reply");
  const outcome = await call(foreign);
  assert.ok(outcome.kind === "bounced" && outcome.error.reason === "no_such_component");
  const own = await world.settle(plain.node.life.client(Who).ask({}, { network: "eu-1" }));
  assert.equal(own.node, "a0", "its own network by name is no other");
});

test("createGossipDirectory of a client without a network looks at the one of which it hears first, and at no other", async () => {
  const hub = createMemoryHub();
  const nodes = ["eu-1", "us-1"].map((network) =>
    createNode({
      name: `node-${network}`,
      components: [who(network)],
      transports: [hub.transport()],
      listen: [`memory://${network}`],
      directory: createGossipDirectory({ network }),
    }),
  );
  const lines: LogEntry[] = [];
  const directory = createGossipDirectory({ seeds: ["memory://eu-1", "memory://us-1"] });
  await using client = createClient({ transports: [hub.transport()], directory, log: (entry) => lines.push(entry) });
  for (const node of nodes) await node.start();
  const { node: first } = await client.client(Who).ask({});
  await waitUntil(() => lines.some(({ text }) => text.includes("stay apart")));
  assert.deepEqual(
    directory.members().map(({ node }) => node),
    [`node-${first}`],
  );
  for (const node of nodes) await node.stop({ timeoutMs: 0 });
});

test("createGossipDirectory refuses names that no network can have", () => {
  for (const network of ["", "-eu", "eu 1", "eu@1", "e".repeat(65)])
    assert.throws(() => createGossipDirectory({ network }), {
      code: "invalid_argument",
      message: /^Cannot join network/,
    });
});

test("createClient refuses to call in a network that cannot be", async () => {
  await using client = createClient({});
  const call = client.client(Who).ask({}, { network: "eu 1" });
  await assert.rejects(call, { code: "invalid_argument", message: /^Cannot call "who" in network "eu 1": a name is/ });
});
