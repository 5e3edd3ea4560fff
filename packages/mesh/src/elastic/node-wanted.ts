import type { Node } from "@orrery/core";
import type { Wanted } from "./elastic.ts";

/** What is wanted of a component in a node, by its own queues. `elsewhere` adds the instances of other places that have nothing to do. */
export function wantedIn(node: Pick<Node, "components">, component: string, elsewhere = 0): Wanted {
  let [waitedMs, waiting, idle] = [0, 0, elsewhere];
  const view = node.components().find(({ name }) => name === component);
  for (const instance of view?.instances ?? []) {
    waiting += instance.waiting;
    waitedMs = Math.max(waitedMs, instance.waitedMs);
    if (instance.state === "ready" && instance.heldBy === undefined && instance.waiting === 0) idle++;
  }
  return { waitedMs, waiting, idle };
}
