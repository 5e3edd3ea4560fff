import type { FlowRef } from "@orrery/core";
import { FLOWS_PINNED_MAX } from "./limits.ts";

/** Which version of a component each flow has talked to from here: it stays with it, so that no flow mixes versions. */
export interface FlowPins {
  /** Empty where it has talked to none. */
  get(flow: FlowRef | undefined, component: string): string;
  set(flow: FlowRef | undefined, component: string, version: string): void;
}

/** Makes pins of no flow. Over `FLOWS_PINNED_MAX`, flows that were met first are forgotten. */
export function createFlowPins(): FlowPins {
  const flows = new Map<string, Map<string, string>>();
  return {
    get: (flow, component) => (flow === undefined ? "" : (flows.get(keyOf(flow))?.get(component) ?? "")),
    set(flow, component, version) {
      if (flow === undefined) return;
      const key = keyOf(flow);
      let versions = flows.get(key);
      if (versions === undefined) {
        const [oldest] = flows.size >= FLOWS_PINNED_MAX ? flows.keys() : [];
        if (oldest !== undefined) flows.delete(oldest);
        versions = new Map();
        flows.set(key, versions);
      }
      versions.set(component, version);
    },
  };
}

function keyOf({ node, id }: FlowRef): string {
  return `${id} ${node}`;
}
