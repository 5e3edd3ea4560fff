import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import { CAPACITY } from "./capacity-component.ts";

/**
 * The capacity services that a directory knows of at other nodes, by their versions, the nearest first where distances are known. With a
 * network, those behind gateways to it.
 */
export function capacityHosts(
  directory: Pick<GossipDirectory, "members" | "distances">,
  self: string,
  network?: string,
): readonly string[] {
  const distances = new Map(directory.distances().map(({ node, ms }) => [node, ms]));
  const farOf = new Map<string, number>();
  for (const { node, status, components } of directory.members()) {
    if (node === self || status !== "alive") continue;
    const ms = distances.get(node) ?? Number.POSITIVE_INFINITY;
    for (const one of components)
      if (one.name === CAPACITY && one.network === network)
        farOf.set(one.version, Math.min(ms, farOf.get(one.version) ?? ms)); // Several gateways tell of the same.
  }
  return [...farOf].sort(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : x - y)).map(([version]) => version);
}

/** Instances of a component at other nodes that have nothing to do, as far as this node was told: in its network, and in those named. */
export function idleElsewhere(
  directory: Pick<GossipDirectory, "members">,
  component: string,
  { self, networks = [] }: { readonly self: string; readonly networks?: readonly string[] },
): number {
  let idle = 0;
  const behind = new Map<string, number>();
  for (const { node, status, components } of directory.members()) {
    if (node === self || status !== "alive") continue;
    for (const { name, network, version, freeSlots = 0 } of components) {
      if (name !== component) continue;
      if (network === undefined) idle += freeSlots;
      else if (networks.includes(network)) behind.set(`${network}@${version}`, freeSlots);
    }
  }
  for (const free of behind.values()) idle += free;
  return idle;
}
