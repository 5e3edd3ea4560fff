/** Components whose size follows what waits for them: within a node, in processes and threads of its host, on other hosts, behind gateways. */
export { capacityHosts, idleElsewhere } from "./elastic/capacity-hosts.ts";
export { createElastic, type Elastic, type ElasticEvent, type ElasticOptions, type Wanted } from "./elastic/elastic.ts";
export { createLeasePlacement, type LeasePlacement, type LeasePlacementOptions } from "./elastic/lease-placement.ts";
export { createLender, type Lender, type LenderOptions } from "./elastic/lender.ts";
export { createNodePlacement, type NodePlacementOptions } from "./elastic/node-placement.ts";
export { wantedIn } from "./elastic/node-wanted.ts";
export type { Placement, Stand } from "./elastic/placement.ts";
export {
  type Demand,
  type ElasticDecision,
  type ElasticMemory,
  type ElasticPolicy,
  type ElasticReason,
  explainDecision,
  ladderPolicy,
  NO_MEMORY,
  type Rung,
  type RungChange,
} from "./elastic/policy.ts";
export { ELASTIC_DEFAULTS, type ElasticRules } from "./elastic/rules.ts";
export { type SizeNodeOptions, sizeNode } from "./elastic/size-node.ts";
export { createSupervisorPlacement, type SupervisorPlacementOptions } from "./elastic/supervisor-placement.ts";
