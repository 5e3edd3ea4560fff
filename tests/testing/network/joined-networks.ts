import type { Relay } from "@orrery/core";
import {
  createGateway,
  createGossipDirectory,
  createLimits,
  type Gateway,
  type GatewayNetwork,
  type GossipDirectory,
  type Limits,
  type ThrottleRule,
} from "@orrery/mesh";
import type { ModelNodeOptions, World } from "@orrery/sim";

/** A gateway of a modelled world: a process with a foot in each of its networks, which live and die together. */
interface JoiningProcess {
  readonly feet: readonly string[];
  gateway: Gateway;
}

/** Networks of one world, each in a zone of its own, and the gateways between them. */
export interface JoinedNetworks {
  readonly world: World;
  /** Directories of the present lives. */
  readonly directories: ReadonlyMap<string, GossipDirectory>;
  /** The network of each node. */
  readonly networkOf: ReadonlyMap<string, string>;
  /** Adds a node to a network; the network's first nodes are its seeds. */
  node(network: string, name: string, options: Omit<ModelNodeOptions, "directory" | "zone">): void;
  /** Adds a gateway: a node `name.network` in each of its networks, on a machine in the zone of the first. */
  gateway(name: string, networks: readonly GatewayNetwork[]): void;
  /** Ends the process of a gateway, all feet at once. */
  kill(gateway: string): void;
  /** Begins the process of a gateway anew, which knows nothing of its last. */
  restart(gateway: string): void;
  /** Sets what every gateway may send into a network, live, and in every life to come. */
  throttle(network: string, rules: readonly ThrottleRule[]): void;
  /** Nodes of a network that one of its nodes has not found yet. */
  missing(node: string): readonly string[];
}

/** Options of joined networks. */
export interface JoinOptions {
  /** Seeds of each network. */
  readonly seeds: Readonly<Record<string, readonly string[]>>;
  /** Puts something between a gateway and what it does. Default: nothing. */
  readonly relay?: (relay: Relay) => Relay;
}

/** Lets networks of a world find one another by gateways. */
export function joinNetworks(world: World, { seeds, relay = (one) => one }: JoinOptions): JoinedNetworks {
  const directories = new Map<string, GossipDirectory>();
  const networkOf = new Map<string, string>();
  const processes = new Map<string, JoiningProcess>();
  const throttles = new Map<string, readonly ThrottleRule[]>();
  /** Limits of the present life of each foot. */
  const limits = new Map<string, Limits>();
  const kept = (name: string, directory: GossipDirectory) => {
    directories.set(name, directory);
    return directory;
  };
  const processOf = (name: string) => {
    const found = processes.get(name);
    if (found === undefined) throw new TypeError(`There is no gateway "${name}"`);
    return found;
  };
  const makers = new Map<string, () => Gateway>();
  const addFoot = (name: string, network: string, zone: string): void => {
    const foot = `${name}.${network}`;
    networkOf.set(foot, network);
    world.node(foot, {
      machine: name,
      zone,
      components: [],
      directory: () => kept(foot, processOf(name).gateway.directory(network, { seeds: seeds[network] ?? [] })),
      relay: () => relay(processOf(name).gateway.relay(network)),
      limits: () => {
        const made = createLimits({ throttles: throttles.get(network) ?? [] });
        limits.set(foot, made);
        return made;
      },
    });
  };
  return {
    world,
    directories,
    networkOf,
    node(network, name, options) {
      networkOf.set(name, network);
      const directory = () => kept(name, createGossipDirectory({ network, seeds: seeds[network] ?? [] }));
      world.node(name, { zone: network, limits: () => createLimits(), ...options, directory });
    },
    gateway(name, networks) {
      const make = () => createGateway({ networks });
      makers.set(name, make);
      const feet = networks.map(({ network }) => `${name}.${network}`);
      processes.set(name, { feet, gateway: make() });
      for (const { network } of networks) addFoot(name, network, networks[0]?.network ?? network);
    },
    kill(gateway) {
      for (const foot of processOf(gateway).feet) world.nodes.get(foot)?.crash();
    },
    restart(gateway) {
      const { feet } = processOf(gateway);
      const make = makers.get(gateway);
      if (make !== undefined) processOf(gateway).gateway = make();
      for (const foot of feet) void world.nodes.get(foot)?.restart();
    },
    throttle(network, rules) {
      throttles.set(network, rules);
      for (const [foot, one] of limits) if (networkOf.get(foot) === network) one.change({ throttles: rules });
    },
    missing(node) {
      const members = directories.get(node)?.members() ?? [];
      const alive = new Set(members.filter(({ status }) => status === "alive").map((member) => member.node));
      const network = networkOf.get(node);
      return [...networkOf].filter(([name, its]) => its === network && !alive.has(name)).map(([name]) => name);
    },
  };
}
