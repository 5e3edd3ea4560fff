import type { Directory, Log, Node } from "@orrery/core";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import { capacityHosts, idleElsewhere } from "./capacity-hosts.ts";
import { createElastic, type Elastic, type ElasticEvent } from "./elastic.ts";
import { createLeasePlacement } from "./lease-placement.ts";
import type { Lender } from "./lender.ts";
import { createNodePlacement } from "./node-placement.ts";
import { wantedIn } from "./node-wanted.ts";
import type { Placement } from "./placement.ts";
import type { ElasticPolicy } from "./policy.ts";
import type { ElasticRules } from "./rules.ts";

/** Options of a node whose components are sized by what waits for them. */
export interface SizeNodeOptions {
  /** The components, and what each follows. */
  readonly components: Readonly<Record<string, Partial<ElasticRules>>>;
  /** Instances of one component within the node at most, such as twice the processors of its host. */
  readonly instancesMax: number;
  /** Other places of this host, such as processes, nearest first. Default: none. */
  readonly placements?: readonly Placement[];
  /** By which nodes are found that lend. Default: nobody is asked. */
  readonly directory?: Directory;
  /** Other networks whose nodes are asked through gateways, where rules have the scope `any`, in the order given. Default: none. */
  readonly networks?: readonly string[];
  /** What the node lends itself: those instances are not its own. Default: nothing. */
  readonly lender?: Pick<Lender, "lent">;
  /** How long others lend without hearing of this node, in ms. Default: 10,000. */
  readonly leaseMs?: number;
  readonly policy?: ElasticPolicy;
  /** Time between two looks, in ms. Default: 50. */
  readonly everyMs?: number;
  readonly log?: Log;
  readonly onChange?: (event: ElasticEvent) => void;
}

/**
 * Sizes components of a node from now on, by how long messages wait in its queues: within the node first, then where `placements` say, then on
 * nodes of the network that lend, then behind gateways. It gives back what others lent when it stops.
 * @throws OrreryError `invalid_argument` or `resource_exhausted`.
 */
export function sizeNode(node: Node, options: SizeNodeOptions): Elastic {
  const { instancesMax, lender, placements = [], directory, networks = [], leaseMs, components, ...rest } = options;
  const gossip = directory !== undefined && isGossip(directory) ? directory : undefined;
  const basis = { node, ...(leaseMs !== undefined && { leaseMs }), ...(options.log && { log: options.log }) };
  const own = createNodePlacement({ node: () => node, instancesMax, ...(lender && { lent: lender.lent }) });
  const near = gossip && createLeasePlacement({ ...basis, hosts: () => capacityHosts(gossip, node.name) });
  const farHosts = (network: string) => () =>
    gossip === undefined ? ANYBODY : capacityHosts(gossip, node.name, network);
  const far = networks.map((network) => createLeasePlacement({ ...basis, network, hosts: farHosts(network) }));
  const idleOf = (component: string) => {
    if (gossip === undefined) return 0;
    const within = components[component]?.scope === "any" ? networks : [];
    return idleElsewhere(gossip, component, { self: node.name, networks: within });
  };
  const leases = [...(near === undefined ? [] : [near]), ...far];
  const elastic = createElastic({
    ...rest,
    components,
    clock: node.clock,
    wanted: (component) => wantedIn(node, component, idleOf(component)),
    placements: [own, ...placements, ...leases],
  });
  return {
    change: (component, rules) => elastic.change(component, rules),
    look: () => elastic.look(),
    explain: (component) => elastic.explain(component),
    async stop() {
      await elastic.stop();
      await Promise.all(leases.map((lease) => lease.close()));
    },
  };
}

/** Whichever node of another network answers. */
const ANYBODY: readonly string[] = [""];

function isGossip(directory: Directory): directory is GossipDirectory {
  return "members" in directory;
}
