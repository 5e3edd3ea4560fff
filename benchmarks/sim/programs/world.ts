import { type Client, defineComponent, defineService, json, type Service } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createWindow, type ProgramFactory } from "../program.ts";
import { type Ask, answerTo, createChance, LATENCY, peersOf } from "./model.ts";

const CONNECT_MS = 600_000;

/** The model in a world of production nodes; the variant says how much of a trace there is. */
export const program: ProgramFactory = async ({ size, variant }) => {
  const services = Array.from({ length: size }, (_, node) => peerService(node));
  const world = createWorld({ seed: 1, trace: variant === "off" ? "off" : "hash", link: { latency: LATENCY } });
  for (const [node, service] of services.entries()) {
    const peer = defineComponent(service, () => ({ ask: async (request) => answerTo(request) }));
    world.node(`node-${node}`, { components: [peer] });
  }
  await world.start();
  const chance = createChance(1);
  let deliveries = 0;
  const lane = async (peers: readonly Peer[]) => {
    for (let request: Ask = { n: 0 }; ; deliveries += 2) {
      request = await (peers[Math.floor(chance() * peers.length)] as Peer).ask(request);
    }
  };
  const peersOfAll = [...world.nodes.values()].map((node, index) =>
    peersOf(index, size, chance).map((peer) => node.life.client(services[peer] as PeerService)),
  );
  // Every connection is made before anything is measured.
  const asked = peersOfAll.flatMap((peers) => peers.map((peer) => peer.ask({ n: 0 }, { timeoutMs: CONNECT_MS })));
  await world.settle(Promise.all(asked));
  for (const peers of peersOfAll) void lane(peers);
  return {
    async run(windowMs) {
      const before = deliveries;
      const isOver = createWindow(windowMs);
      await world.run({ until: isOver });
      return { deliveries: deliveries - before };
    },
  };
};

type PeerService = ReturnType<typeof peerService>;
type Peer = Client<PeerService>;

/** A service of its own for each node, so that it is this very node that is asked. */
function peerService(node: number) {
  return defineService(`peer-${node}`, { ask: { request: json<Ask>(), reply: json<Ask>() } }) satisfies Service;
}
