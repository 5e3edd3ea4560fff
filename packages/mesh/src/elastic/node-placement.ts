import type { Node } from "@orrery/core";
import type { Placement } from "./placement.ts";

/** Options of the instances within one node. */
export interface NodePlacementOptions {
  readonly node: () => Pick<Node, "components" | "setCapacity">;
  /** Instances of one component that the node runs at most, those that it lends included. */
  readonly instancesMax: number;
  /** Of them, those that run for others: they are not counted as its own. Default: none. */
  readonly lent?: (component: string) => number;
  /** Default: `process`. */
  readonly name?: string;
}

/** Runs more or fewer instances within a node, by `setCapacity`. */
export function createNodePlacement(options: NodePlacementOptions): Placement {
  const { node, instancesMax, lent = () => 0, name = "process" } = options;
  const viewOf = (component: string) =>
    node()
      .components()
      .find((view) => view.name === component);
  const change = (component: string, by: number) =>
    node().setCapacity(component, { instances: Math.max(0, (viewOf(component)?.capacity.instances ?? 0) + by) });
  return {
    name,
    scope: "process",
    list(component) {
      const view = viewOf(component);
      if (view === undefined) return { instances: 0, starting: 0, room: 0 };
      const { instances } = view.capacity;
      const starting = view.instances.filter(({ state }) => state === "starting" || state === "declared").length;
      return {
        instances: Math.max(0, instances - lent(component)),
        starting,
        room: Math.max(0, instancesMax - instances),
      };
    },
    grow: (component, count) => change(component, count),
    shrink: (component, count) => change(component, -count),
  };
}
