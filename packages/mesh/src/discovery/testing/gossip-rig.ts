import {
  createMemoryHub,
  createNode,
  createSystemRandom,
  defineComponent,
  defineService,
  json,
  type Node,
} from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Transport } from "@orrery/core/internal";
import { createZmqTransport } from "@orrery/zmq";
import { waitUntil } from "../../testing/wait-until.ts";
import type { DatagramCarrier } from "../datagram-carrier.ts";
import { createGossipDirectory, type GossipDirectory } from "../gossip-directory.ts";
import { createUdpCarrier } from "../system-datagrams.ts";
import { makeGossipWorld } from "./gossip-world.ts";
import { lossyDatagrams } from "./lossy-datagrams.ts";
import { createDatagramNet } from "./memory-datagrams.ts";

/** Nodes that gossip by some carrier, which a suite makes and ends. */
export interface GossipRig {
  readonly name: string;
  /** Whether datagrams carry the most of it. */
  readonly isDatagrams: boolean;
  /** Makes a net with nobody in it. */
  make(): GossipNet;
}

/** Nodes of a rig. */
export interface GossipNet {
  /** Starts a node that knows some that are there. */
  add(name: string, knows: readonly string[]): Promise<void>;
  directory(name: string): GossipDirectory;
  /** Ends a node without a word. */
  kill(name: string): Promise<void>;
  /** Ends a node in order. */
  leave(name: string): Promise<void>;
  /** Lets time pass until something is so. */
  until(isSo: () => boolean): Promise<void>;
  /** Names of nodes that anybody took for dead, each once. */
  readonly deaths: ReadonlySet<string>;
  close(): Promise<void>;
}

const Who = defineService("who", { ask: { request: json<null>(), reply: json<string>() } });
const who = defineComponent(Who, () => ({ ask: () => "me" }));

/** Short for real clocks, and yet long for a machine that is busy. */
const TIMING = { probeMs: 250, probeTimeoutMs: 100, gossipMs: 50, syncMinMs: 200, retryMs: 1_000 };

/** The rigs: each way in which gossip may go. */
export const RIGS: readonly GossipRig[] = [
  { name: "memory", isDatagrams: false, make: () => makeReal(memoryTransports(), () => undefined) },
  { name: "TCP", isDatagrams: false, make: () => makeReal(TCP, () => undefined) },
  { name: "UDP", isDatagrams: true, make: () => makeReal(TCP, createUdpCarrier) },
  {
    name: "UDP with 10 % loss",
    isDatagrams: true,
    make: () => {
      const random = createSeededRandom(7);
      return makeReal(TCP, () => lossyDatagrams(createUdpCarrier(), { random, loss: 0.1 }));
    },
  },
  { name: "modelled links", isDatagrams: false, make: () => makeModelled(undefined) },
  { name: "modelled datagrams with 10 % loss", isDatagrams: true, make: () => makeModelled(0.1) },
];

interface Ways {
  readonly transport: () => Transport;
  readonly listen: (name: string) => string;
}

const TCP: Ways = { transport: () => createZmqTransport(), listen: () => "tcp://127.0.0.1:0" };

function memoryTransports(): Ways {
  const hub = createMemoryHub();
  return { transport: () => hub.transport(), listen: (name) => `memory://${name}` };
}

interface RealNode {
  readonly node: Node;
  readonly transport: Transport;
  readonly datagrams: DatagramCarrier | undefined;
  readonly directory: GossipDirectory;
}

function makeReal(ways: Ways, carrier: () => DatagramCarrier | undefined): GossipNet {
  const nodes = new Map<string, RealNode>();
  const deaths = new Set<string>();
  const of = (name: string) => nodes.get(name) as RealNode;
  return {
    deaths,
    async add(name, knows) {
      const datagrams = carrier();
      const directory = createGossipDirectory({
        seeds: knows.map((one) => of(one).node.addresses[0] ?? ""),
        timing: TIMING,
        // What a node thinks that was killed itself counts for nothing.
        onMember: ({ node, status }) => status === "dead" && nodes.has(name) && deaths.add(node),
        ...(datagrams && { datagrams }),
      });
      const transport = ways.transport();
      const node = createNode({
        name,
        components: [who],
        transports: [transport],
        listen: [ways.listen(name)],
        directory,
        random: createSystemRandom(),
      });
      nodes.set(name, { node, transport, datagrams, directory });
      await node.start();
    },
    directory: (name) => of(name).directory,
    async kill(name) {
      const { node, transport, datagrams } = of(name);
      nodes.delete(name);
      datagrams?.close();
      await transport.close();
      await node.stop({ timeoutMs: 0 });
    },
    async leave(name) {
      await of(name).node.stop();
      nodes.delete(name);
    },
    until: waitUntil,
    async close() {
      await Promise.all([...nodes.values()].map(({ node }) => node.stop({ timeoutMs: 0 })));
    },
  };
}

function makeModelled(loss: number | undefined): GossipNet {
  const deaths = new Set<string>();
  const net = createDatagramNet({ random: createSeededRandom(7), loss: loss ?? 0, repeat: 0.05 });
  const onMember = ({ node, status }: { readonly node: string; readonly status: string }) =>
    status === "dead" && deaths.add(node);
  const gossip = makeGossipWorld({}, { onMember }, loss === undefined ? undefined : net.carrier);
  const { world } = gossip;
  return {
    deaths,
    async add(name, knows) {
      gossip.add(name, { seeds: knows.map((one) => `sim://${one}`) });
      await world.start();
    },
    directory: gossip.directory,
    async kill(name) {
      world.inject(`crash ${name}`);
    },
    async leave(name) {
      await world.settle(world.nodes.get(name)?.life.stop() ?? Promise.reject());
    },
    async until(isSo) {
      for (const endMs = world.elapsedMs + 120_000; !isSo(); await world.run({ forMs: 50 }))
        if (world.elapsedMs > endMs) throw new Error(`Cannot wait any longer for: ${String(isSo)}`);
    },
    close: async () => undefined,
  };
}
