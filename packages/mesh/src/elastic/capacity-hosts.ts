import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import { CAPACITY } from "./capacity-component.ts";

/** The capacity services of other nodes that a directory knows of, by their versions, nearest first where distances are known. */
export function capacityHosts(
  directory: Pick<GossipDirectory, "members" | "distances">,
  self: string,
): readonly string[] {
  const distances = new Map(directory.distances().map(({ node, ms }) => [node, ms]));
  const hosts = directory.members().flatMap(({ node, status, components }) => {
    const version =
      status === "alive" && node !== self ? components.find(({ name }) => name === CAPACITY)?.version : undefined;
    return version === undefined ? [] : [{ version, ms: distances.get(node) ?? Number.POSITIVE_INFINITY }];
  });
  return hosts
    .sort((a, b) => (a.ms === b.ms ? (a.version < b.version ? -1 : 1) : a.ms - b.ms))
    .map(({ version }) => version);
}

/** Instances of a component at other nodes that have nothing to do, as far as this node was told. */
export function idleElsewhere(directory: Pick<GossipDirectory, "members">, component: string, self: string): number {
  let idle = 0;
  for (const { node, status, components } of directory.members()) {
    if (node === self || status !== "alive") continue;
    for (const { name, freeSlots } of components) if (name === component) idle += freeSlots ?? 0;
  }
  return idle;
}
