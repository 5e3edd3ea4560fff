import { defineComponent, defineService, json, type Service } from "@orrery/core";
import { createWorld } from "@orrery/sim";
import { createWindow, type ProgramFactory } from "../program.ts";
import { type Ask, answerTo, createChance, LATENCY, peersOf } from "./model.ts";

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
  const lane = async (ask: readonly ((request: Ask) => Promise<Ask>)[]) => {
    for (let request: Ask = { n: 0 }; ; deliveries += 2) {
      request = await (ask[Math.floor(chance() * ask.length)] as (typeof ask)[number])(request);
    }
  };
  for (const [index, node] of [...world.nodes.values()].entries()) {
    const clients = peersOf(index, size, chance).map((peer) => node.life.client(services[peer] as PeerService));
    void lane(clients.map((client) => (request) => client.ask(request)));
  }
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

/** A service of its own for each node, so that it is this very node that is asked. */
function peerService(node: number) {
  return defineService(`peer-${node}`, { ask: { request: json<Ask>(), reply: json<Ask>() } }) satisfies Service;
}
