import type { ClientNodeOptions, Node } from "@orrery/core";
import type { Offer } from "../discovery/gateway-foot.ts";
import { createLimits } from "../limits/node-limits.ts";
import { createMeshNode, type MeshNodeOptions, makeGossipDirectory } from "../mesh-node.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import type { GatewayNetwork } from "./side.ts";

/** A network of a gateway, and how its node there finds others and is found. */
export interface MeshGatewayNetwork
  extends GatewayNetwork,
    Pick<MeshNodeOptions, "seeds" | "advertise" | "viewFile" | "curve" | "timing" | "onTrouble" | "carriers"> {
  /** Addresses that it opens there. */
  readonly listen: readonly string[];
}

/** Options of a gateway on machines. */
export interface MeshGatewayOptions
  extends Pick<ClientNodeOptions, "name" | "clock" | "random" | "log" | "onMessage" | "telemetry"> {
  /** The networks that it joins: each with keys, addresses and limits of its own, and with what may leave it and come into it. */
  readonly networks: readonly MeshGatewayNetwork[];
}

/** A gateway with its feet. */
export interface MeshGateway extends Pick<Gateway, "counts">, AsyncDisposable {
  /** Its node in each network, by the network's name: `gateway.network`, where the gateway has a name. */
  readonly nodes: ReadonlyMap<string, Node>;
  /** What the other networks offer in one now, with the copies and free slots of each as a whole. @throws OrreryError `not_found`. */
  offers(network: string): readonly Offer[];
  /** Joins its networks. Where it cannot, it is in none. */
  start(): Promise<void>;
  /** Takes nothing new, lets what is on its way end within `timeoutMs` (default 10 s), and leaves its networks. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/**
 * Makes a gateway between networks; it does nothing before `start`.
 * @throws OrreryError `invalid_argument` for networks that it cannot join.
 * @example
 * const gateway = await createMeshGateway({
 *   networks: [
 *     { network: "eu-1", seeds: ["tcp://10.1.0.7:7101"], listen: ["tcp://10.1.0.9:7101"], imports: ["stock.*"] },
 *     { network: "us-1", seeds: ["tcp://10.2.0.7:7101"], listen: ["tcp://10.2.0.9:7101"], exports: ["stock.*"] },
 *   ],
 * });
 * await gateway.start();
 */
export async function createMeshGateway({ networks, name, ...shared }: MeshGatewayOptions): Promise<MeshGateway> {
  const limited = networks.map((one) => ({ limits: createLimits(), ...one }));
  const gateway = createGateway({ networks: limited });
  const nodes = new Map<string, Node>();
  for (const { network, seeds = [], exports: _, imports: _imports, agents: _agents, ...own } of limited) {
    const { advertise, viewFile, ...rest } = own;
    const { curve } = own;
    const found = { seeds, ...(advertise && { advertise }), ...(viewFile && { viewFile }), ...(curve && { curve }) };
    const directory = await makeGossipDirectory(found, (options) => gateway.directory(network, options));
    const named = name === undefined ? {} : { name: `${name}.${network}` };
    const node = { ...shared, ...named, ...rest, components: [], directory, relay: gateway.relay(network) };
    nodes.set(network, await createMeshNode(node));
  }
  const stop = async (options: { readonly timeoutMs?: number } = {}) => {
    await Promise.all([...nodes.values()].map((node) => node.stop(options)));
  };
  return {
    nodes,
    offers: (network) => gateway.offers(network),
    counts: () => gateway.counts(),
    async start() {
      try {
        await Promise.all([...nodes.values()].map((node) => node.start()));
      } catch (error) {
        await stop({ timeoutMs: 0 });
        throw error;
      }
    },
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
