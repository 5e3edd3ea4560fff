// What gossip does in modelled networks, in the time of the model: the same on every machine.
import { defineComponent, defineService, json } from "@orrery/core";
import { createGossipDirectory, type GossipDirectory, type MemberView } from "@orrery/mesh";
import { createWorld, type World } from "@orrery/sim";

const Work = defineService("work", {
  hold: { request: json<{ ms: number }>(), reply: json<Record<string, never>>() },
});

/** A modelled network whose nodes find one another. */
interface Network {
  readonly world: World;
  readonly directories: Map<string, GossipDirectory>;
  /** Called for each node that is otherwise than before, as another sees it. */
  onMember: (by: string, member: MemberView) => void;
}

function makeNetwork(nodes: number, { seed = 1, loss = 0 } = {}): Network {
  const world = createWorld({ seed, trace: "off", link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 1 }, loss } });
  const network: Network = { world, directories: new Map(), onMember: () => undefined };
  const component = defineComponent(Work, () => ({
    async hold({ ms }, { clock }) {
      await clock.sleep(ms);
      return {};
    },
  }));
  const seeds = ["sim://n0", "sim://n1", "sim://n2"];
  for (let index = 0; index < nodes; index++) {
    const name = `n${index}`;
    const directory = () => {
      const made = createGossipDirectory({ seeds, onMember: (member) => network.onMember(name, member) });
      network.directories.set(name, made);
      return made;
    };
    world.node(name, { components: [component], directory });
  }
  return network;
}

const isThere = ({ status }: MemberView) => status === "alive" || status === "suspect";

async function untilAllKnowAll({ world, directories }: Network, stepMs: number): Promise<number> {
  const all = directories.size;
  const knowsAll = (directory: GossipDirectory) => directory.members().filter(isThere).length === all;
  while (![...directories.values()].every(knowsAll)) await world.run({ forMs: stepMs });
  return world.elapsedMs;
}

function sumOf({ directories }: Network, what: "bytes" | "messages"): number {
  return [...directories.values()].reduce((sum, directory) => sum + directory.stats()[what], 0);
}

/** What a network of some size takes. Rates are for each node. */
export interface Traffic {
  readonly nodes: number;
  /** From the start of all at once until all know all, in ms. */
  readonly joinMs: number;
  readonly joinBytes: number;
  /** When nothing changes. */
  readonly quietBytesPerSecond: number;
  readonly quietMessagesPerSecond: number;
  /** When every node's load changes all the time. */
  readonly busyBytesPerSecond: number;
}

/** Measures a network of some size. */
export async function measureTraffic(nodes: number): Promise<Traffic> {
  const network = makeNetwork(nodes);
  const { world } = network;
  await world.start();
  const joinMs = await untilAllKnowAll(network, 20);
  const joinBytes = sumOf(network, "bytes") / nodes;
  await world.run({ forMs: 120_000 });
  const rate = async (forMs: number) => {
    const before = { bytes: sumOf(network, "bytes"), messages: sumOf(network, "messages") };
    await world.run({ forMs });
    const perSecond = (nodes * forMs) / 1000;
    return {
      bytes: (sumOf(network, "bytes") - before.bytes) / perSecond,
      messages: (sumOf(network, "messages") - before.messages) / perSecond,
    };
  };
  const quiet = await rate(60_000);
  keepBusy(network);
  const busy = await rate(60_000);
  world.end();
  return {
    nodes,
    joinMs,
    joinBytes,
    quietBytesPerSecond: quiet.bytes,
    quietMessagesPerSecond: quiet.messages,
    busyBytesPerSecond: busy.bytes,
  };
}

/** Lets every node have messages that wait, then none, again and again. */
function keepBusy({ world }: Network): void {
  for (const { life } of world.nodes.values()) {
    const client = life.client(Work);
    const round = () => {
      for (let call = 0; call < 3; call++) client.hold({ ms: 800 }, { timeoutMs: 60_000 }).catch(() => undefined);
      life.clock.timer(3_000 + (life.name.length % 7) * 100, round);
    };
    round();
  }
}

/** How long it takes until a death is known, in ms of the model. */
export interface Detection {
  readonly nodes: number;
  /** Share of messages that is lost on the way; the medium repeats them, and they come late. */
  readonly loss: number;
  readonly death: "process" | "host";
  readonly kills: number;
  /** Until the first of the others takes it for dead. */
  readonly firstMs: readonly number[];
  /** Until all others do. */
  readonly allMs: readonly number[];
  /** Nodes that were taken for dead and lived. */
  readonly wrong: number;
}

/** Kills nodes one by one, each in a network that has come to rest, and starts each again. */
export async function measureDetection(
  options: Pick<Detection, "nodes" | "loss" | "death" | "kills">,
): Promise<Detection> {
  const { nodes, loss, death, kills } = options;
  const network = makeNetwork(nodes, { seed: 7, loss });
  const { world } = network;
  const firstMs: number[] = [];
  const allMs: number[] = [];
  let wrong = 0;
  await world.start();
  await untilAllKnowAll(network, 20);
  for (let kill = 0; kill < kills; kill++) {
    await world.run({ forMs: 5_000 + (kill % 10) * 137 });
    const victim = `n${3 + (kill % (nodes - 3))}`;
    const seen = new Set<string>();
    const beganMs = world.elapsedMs;
    network.onMember = (by, { node, status }) => {
      if (status !== "dead") return;
      if (node !== victim) {
        if (by !== victim) wrong++;
      } else if (by !== victim) {
        if (seen.size === 0) firstMs.push(world.elapsedMs - beganMs);
        seen.add(by);
      }
    };
    if (death === "process") world.inject(`crash ${victim}`);
    else
      world.partition(
        [victim],
        [...world.nodes.keys()].filter((name) => name !== victim),
      );
    await world.until(() => seen.size === nodes - 1, { withinMs: 300_000 });
    allMs.push(world.elapsedMs - beganMs);
    if (death === "host") {
      world.inject(`crash ${victim}`);
      world.heal();
    }
    await world.settle(world.nodes.get(victim)?.restart() ?? Promise.reject());
    await untilAllKnowAll(network, 100);
  }
  world.end();
  return { nodes, loss, death, kills, firstMs, allMs, wrong };
}
