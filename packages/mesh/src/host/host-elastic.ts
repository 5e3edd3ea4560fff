import type { Component, Directory, JsonValue, Log, Node } from "@orrery/core";
import type { GossipDirectory } from "../discovery/gossip-directory.ts";
import { capacityHosts, idleElsewhere } from "../elastic/capacity-hosts.ts";
import type { ElasticEvent } from "../elastic/elastic.ts";
import { createLeasePlacement } from "../elastic/lease-placement.ts";
import { createLender } from "../elastic/lender.ts";
import type { Placement } from "../elastic/placement.ts";
import type { ElasticRules } from "../elastic/rules.ts";
import type { Supervisor } from "../supervise/supervise.ts";
import { type HostConfig, spanOf } from "./host-config.ts";
import { createHostPlacement } from "./host-placement.ts";
import { createHostSizer, type HostSizer } from "./host-sizer.ts";
import type { HostSizes } from "./host-sizes.ts";

/** Options of the elasticity of a host. */
export interface HostElasticityOptions {
  readonly host: string;
  readonly supervisor: Pick<Supervisor, "status">;
  readonly sizes: HostSizes;
  readonly config: () => HostConfig;
  /** Told of every change of size. Default: nobody. */
  readonly onSize?: (event: ElasticEvent) => void;
}

/** What sizes the components of a host, borrows from other hosts and lends to them. */
export interface HostElasticity extends Pick<HostSizer, "hear" | "follow"> {
  /** What the host's node is to serve for it. */
  readonly components: readonly Component[];
  /** Gives it the node of the host, which runs, and again the next one. */
  attach(node: Node, directory: Directory & Pick<GossipDirectory, "members" | "distances">, log?: Log): void;
  /** Looks no more, and gives back what others lent. */
  close(): Promise<void>;
}

/** Makes the elasticity of a host. What it lends is settled here; all else it reads again when `follow` is called. */
export function createHostElasticity(options: HostElasticityOptions): HostElasticity {
  const { host, supervisor, sizes, config, onSize } = options;
  const { lend } = config();
  const lent: Placement[] = [];
  const lender = createLender({
    node: host,
    components: () => sizes.components(),
    instancesMax: lend.instances,
    lendsTo: lend.to,
    placements: lent, // Made when there is a clock.
  });
  let sizer: HostSizer | undefined;
  let giveBack = async (): Promise<unknown> => undefined;
  return {
    components: lend.instances > 0 ? [lender.component] : [],
    hear: (child, news: JsonValue) => sizer?.hear(child, news),
    follow: () => sizer?.follow(),
    attach(node, directory, log) {
      sizer?.close();
      const { clock } = node;
      const place = { supervisor, sizes, clock, processesMax: () => config().processesMax };
      lent.splice(0, 1, createHostPlacement({ ...place, account: "lent" }));
      lender.attach(node);
      const asker = { node, ...(log && { log }) };
      const near = createLeasePlacement({ ...asker, hosts: () => capacityHosts(directory, node.name) });
      const far = config().networks.map((network) =>
        createLeasePlacement({ ...asker, network, hosts: () => capacityHosts(directory, node.name, network) }),
      );
      giveBack = () => Promise.all([near, ...far].map((lease) => lease.close()));
      sizer = createHostSizer({
        ...{ clock, supervisor },
        rules: () => rulesOf(config(), sizes.components()),
        placements: [createHostPlacement({ ...place, account: "own" }), near, ...far],
        idleElsewhere: (component) => idleBeyond(directory, component, options),
        ...(log && { log }),
        ...(onSize && { onChange: onSize }),
      });
      sizer.follow();
    },
    async close() {
      sizer?.close();
      lender.close();
      await giveBack();
    },
  };
}

/** What the sizes of components follow that have a least and a most; of others nothing is to be decided. */
function rulesOf(config: HostConfig, components: readonly string[]): Readonly<Record<string, Partial<ElasticRules>>> {
  const sized = components.flatMap((component) => {
    const span = spanOf(config, component);
    const said = { ...config.elastic, ...config.components[component]?.elastic, ...span };
    return span.min < span.max ? [[component, said] as const] : [];
  });
  return Object.fromEntries(sized);
}

/** Instances at other hosts that have nothing to do, where a component's rules look so far; the host's own processes tell themselves. */
function idleBeyond(
  directory: Pick<GossipDirectory, "members">,
  component: string,
  { host, config }: HostElasticityOptions,
): number {
  const { components, elastic, networks } = config();
  const scope = components[component]?.elastic?.scope ?? elastic.scope;
  if (scope === "host") return 0;
  const members = () => directory.members().filter(({ node }) => !node.startsWith(`${host}.`));
  return idleElsewhere({ members }, component, { self: host, networks: scope === "any" ? networks : [] });
}
