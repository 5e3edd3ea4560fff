import { TICKS_PER_MS } from "../limits.ts";
import type { Place, SimNetwork } from "../network/sim-network.ts";
import type { HostedNode } from "../world/model-node.ts";
import type { Fault } from "./fault.ts";

/** What faults act on. */
export interface FaultTarget {
  readonly network: SimNetwork;
  /** @throws OrreryError `not_found` for a name that no node has. */
  readonly nodeOf: (name: string) => HostedNode;
  readonly nodes: () => Iterable<HostedNode>;
  /** Told of a node that is on its way up again, by its own doing. */
  readonly onRestart: (node: HostedNode, started: Promise<void>) => void;
}

/** Lets a fault happen, now. @throws OrreryError `not_found` for a node that there is not, `invalid_argument` for a model that cannot be. */
export function applyFault(fault: Fault, target: FaultTarget): void {
  switch (fault.verb) {
    case "partition":
      partition(fault.groups, target);
      break;
    case "cut":
    case "heal":
    case "clog":
    case "unclog":
    case "link":
      applyToLinks(fault, target);
      break;
    default:
      applyToNode(fault, target.nodeOf(fault.node), target);
  }
}

type NodeFault = Extract<Fault, { readonly node: string }>;

function applyToNode(fault: NodeFault, node: HostedNode, { network, onRestart }: FaultTarget): void {
  const { scheduler } = network;
  switch (fault.verb) {
    case "crash":
      node.crash();
      break;
    case "restart":
    case "restart-empty":
      onRestart(node, node.restart({ emptyDisk: fault.verb === "restart-empty" }));
      break;
    case "pause":
      scheduler.pause(node.place.number);
      break;
    case "resume":
      scheduler.resume(node.place.number);
      break;
    case "slow":
      scheduler.slow(node.place.number, Math.round(fault.ms * TICKS_PER_MS));
      break;
    case "jump":
      node.setClockAhead(fault.ms);
      break;
    default:
      node.setDisk(fault.state);
  }
}

type LinkFault = Extract<Fault, { readonly verb: "cut" | "heal" | "clog" | "unclog" | "link" }>;

function applyToLinks(fault: LinkFault, target: FaultTarget): void {
  const { network } = target;
  if (fault.verb === "heal" && fault.from === undefined && fault.to === undefined) {
    network.mend();
    return;
  }
  for (const [from, to] of linesOf(fault.from ?? "*", fault.to ?? "*", target)) {
    if (fault.verb === "cut") network.cut(from, to);
    else if (fault.verb === "heal") network.mend(from, to);
    else if (fault.verb === "clog") network.clog(from, to);
    else if (fault.verb === "unclog") network.unclog(from, to);
    else if (fault.verb === "link") {
      const cable = network.cable(from, to);
      cable.change({ ...cable.model, ...fault.change });
    }
  }
}

/** Every direction between two different nodes that names stand for. */
function linesOf(from: string, to: string, target: FaultTarget): readonly (readonly [Place, Place])[] {
  const starts = placesOf(from, target);
  const ends = placesOf(to, target);
  return starts.flatMap((start) => ends.filter((end) => end !== start).map((end) => [start, end] as const));
}

function placesOf(name: string, { nodeOf, nodes }: FaultTarget): readonly Place[] {
  return name === "*" ? [...nodes()].map(({ place }) => place) : [nodeOf(name).place];
}

function partition(groups: readonly (readonly string[])[], { network, nodeOf }: FaultTarget): void {
  const places = groups.map((group) => group.map((name) => nodeOf(name).place));
  for (const [index, group] of places.entries()) {
    for (const other of places.slice(index + 1).flat()) {
      for (const place of group) {
        network.cut(place, other);
        network.cut(other, place);
      }
    }
  }
}
