/** A whole network in one process, under a clock that you control. */
export type { Latency } from "./latency.ts";
export type { ModelNode, ModelNodeOptions } from "./model-node.ts";
export type { ClockSkew, NodeClock } from "./node-clock.ts";
export type { LinkModel, Place } from "./sim-network.ts";
export {
  continentLinks,
  type LinkModels,
  lanLinks,
  linksByNearness,
  mobileLinks,
  type Nearness,
  zoneLinks,
} from "./topologies.ts";
export type { Trace } from "./trace.ts";
export { createWorld, type RunOptions, type WaitOptions, type World, type WorldOptions } from "./world.ts";
