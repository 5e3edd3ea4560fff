import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ComponentView, Directory, Distance, Node } from "@orrery/core";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import { fingerprintOf } from "../discovery/own-record.ts";
import type { ComponentSchema, MemberSchema, PeerSchema } from "../gen/orrery/operate/v1/operate_pb.ts";
import { LISTED_MAX } from "./limits.ts";

/** Messages that a node has accepted and not finished, of some of its components. */
export function unfinishedOf(components: readonly ComponentView[]): number {
  const instances = components.flatMap((component) => component.instances);
  return instances.reduce((sum, { waiting, busy }) => sum + waiting + busy, 0);
}

/** A component, as operators see it. */
export function componentMessage(view: ComponentView): MessageInitShape<typeof ComponentSchema> {
  const { name, version, capacity } = view;
  return {
    name,
    version,
    fingerprint: fingerprintOf(view.component),
    instances: view.instances.map(({ id, state, incarnation, waiting, busy, waitedMs, reason }) => ({
      id,
      state,
      incarnation: BigInt(incarnation),
      waiting,
      busy,
      waitedMs,
      reason,
    })),
    capacity: {
      instances: capacity.instances,
      inboxMessages: BigInt(capacity.inboxMessages),
      inboxBytes: BigInt(capacity.inboxBytes),
    },
  };
}

/** Tells a directory that nodes keep among themselves. */
export function isGossip(directory: Directory | undefined): directory is GossipDirectory {
  return directory !== undefined && "members" in directory && "distances" in directory;
}

/** Those that a node is connected with. */
export function peerMessages(
  node: Node,
  directory: Directory | undefined,
): readonly MessageInitShape<typeof PeerSchema>[] {
  const distances = distancesOf(directory);
  return node.peers().map(({ node: name, incarnation, leaving }) => {
    const distance = distances.get(name);
    return { node: name, incarnation: BigInt(incarnation), leaving, ...(distance && { distance }) };
  });
}

/** The nodes that a node knows: by gossip; else itself, and the addresses that its directory names. */
export function memberMessages(
  node: Node,
  directory: Directory | undefined,
): readonly MessageInitShape<typeof MemberSchema>[] {
  const known = isGossip(directory) ? gossipMembers(directory) : tableMembers(directory);
  const others = known.filter((member) => member.node !== node.name);
  const own = known.find((member) => member.node === node.name);
  return [ownMember(node, own?.addresses ?? node.addresses), ...others.slice(0, LISTED_MAX)];
}

type MemberInit = MessageInitShape<typeof MemberSchema> & { readonly node: string };

function ownMember(node: Node, addresses: readonly string[] | undefined): MemberInit {
  const components = node.components().map((view) => ({
    name: view.name,
    version: view.version,
    fingerprint: fingerprintOf(view.component),
    instances: view.instances.length,
    freeSlots: view.instances.filter(({ state, waiting }) => state === "ready" && waiting === 0).length,
  }));
  const { name, incarnation } = node;
  return {
    node: name,
    incarnation: BigInt(incarnation),
    status: "alive",
    addresses: [...(addresses ?? [])],
    components,
  };
}

function gossipMembers(directory: GossipDirectory): readonly MemberInit[] {
  const distances = distancesOf(directory);
  return directory.members().map(({ node, incarnation, status, addresses, components }) => {
    const distance = distances.get(node);
    return {
      node,
      incarnation: BigInt(incarnation),
      status,
      addresses: [...addresses],
      components: components.map(({ freeSlots, ...component }) => ({
        ...component,
        ...(freeSlots === undefined ? {} : { freeSlots }),
      })),
      ...(distance && { distance }),
    };
  });
}

function distancesOf(directory: Directory | undefined): ReadonlyMap<string, Distance> {
  if (!isGossip(directory)) return new Map();
  return new Map(directory.distances().map(({ node, ms, errorMs }) => [node, { ms, errorMs }]));
}

/** A table names addresses, and what is at them, but no nodes. */
function tableMembers(directory: Directory | undefined): readonly MemberInit[] {
  const served = new Map<string, string[]>();
  for (const component of directory?.components() ?? [])
    for (const address of directory?.resolve(component) ?? [])
      served.set(address, [...(served.get(address) ?? []), component]);
  return [...served].map(([address, names]) => ({
    node: "",
    addresses: [address],
    components: names.map((name) => ({ name })),
  }));
}
