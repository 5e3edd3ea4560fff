import { defineComponent, defineService, json } from "@orrery/core";
import { createWorld, type ModelNode, type World, type WorldOptions } from "@orrery/sim";
import type { DatagramCarrier } from "../datagram-carrier.ts";
import { createGossipDirectory, type GossipDirectory, type GossipDirectoryOptions } from "../gossip-directory.ts";

/** Says who answered. */
export const Who = defineService("who", {
  ask: { request: json<Record<string, never>>(), reply: json<{ node: string }>() },
});

/** A component that says in which node it runs. */
export function who(node: string, version = "1.0.0", instances = 1) {
  return defineComponent(Who, () => ({ ask: async () => ({ node }) }), { version, instances });
}

/** Nodes of a world that find one another by gossip. */
export interface GossipWorld {
  readonly world: World;
  /** Directory of each node's present life. */
  readonly directories: ReadonlyMap<string, GossipDirectory>;
  /** Adds a node that serves `who`. */
  add(name: string, options?: GossipDirectoryOptions & { readonly version?: string }): ModelNode;
  directory(name: string): GossipDirectory;
  /** Nodes that one node takes to be there. */
  seenBy(name: string): readonly string[];
  /** Whether all living nodes see exactly one another. */
  isAgreed(): boolean;
}

/** Name of a node by its number. */
export function nodeName(index: number): string {
  return `n${index}`;
}

/** Addresses of the first nodes. */
export function seedsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `sim://${nodeName(index)}`);
}

/** Makes a world with nobody in it. */
export function makeGossipWorld(
  options: WorldOptions = {},
  basis: GossipDirectoryOptions = {},
  datagrams?: (node: string) => DatagramCarrier,
): GossipWorld {
  const world = createWorld({ trace: "off", link: { latency: { kind: "uniform", minMs: 0.2, maxMs: 1 } }, ...options });
  return joinGossip(world, basis, datagrams);
}

/** Lets nodes of a world find one another by gossip. */
export function joinGossip(
  world: World,
  basis: GossipDirectoryOptions = {},
  datagrams?: (node: string) => DatagramCarrier,
): GossipWorld {
  const directories = new Map<string, GossipDirectory>();
  const seenBy = (name: string) =>
    (directories.get(name)?.members() ?? [])
      .filter(({ status }) => status === "alive" || status === "suspect")
      .map(({ node }) => node);
  return {
    world,
    directories,
    add(name, { version = "1.0.0", ...own } = {}) {
      return world.node(name, {
        components: [who(name, version)],
        directory: () => {
          const directory = createGossipDirectory({
            ...basis,
            ...own,
            ...(datagrams && { datagrams: datagrams(name) }),
          });
          directories.set(name, directory);
          return directory;
        },
      });
    },
    directory: (name) => directories.get(name) as GossipDirectory,
    seenBy,
    isAgreed() {
      const living = [...world.nodes.values()].filter(({ alive }) => alive).map(({ name }) => name);
      const wanted = living.sort().join();
      return living.every((name) => [...seenBy(name)].sort().join() === wanted);
    },
  };
}
