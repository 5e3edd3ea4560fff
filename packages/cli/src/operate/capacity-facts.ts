import type { FleetNode } from "./fleet.ts";

/** How much of one component one node runs. */
export interface CapacityFact {
  readonly component: string;
  readonly node: string;
  /** Instances that are wanted, and those that take messages. */
  readonly instances: number;
  readonly ready: number;
  readonly busy: number;
  readonly waiting: number;
  /** How long the first of those that wait has waited, in ms. */
  readonly waitedMs: number;
  readonly inboxMessages: number;
  readonly inboxBytes: number;
  /** Why instances failed. */
  readonly reasons: readonly string[];
}

/** How much of each component each node runs, by component and node. */
export function capacityFacts(nodes: readonly FleetNode[]): readonly CapacityFact[] {
  const facts = nodes.flatMap(({ name, status }) =>
    (status?.components ?? []).map(({ name: component, instances, capacity }): CapacityFact => {
      const sum = (read: (one: (typeof instances)[number]) => number) =>
        instances.reduce((all, one) => all + read(one), 0);
      return {
        component,
        node: name,
        instances: capacity?.instances ?? 0,
        ready: instances.filter(({ state }) => state === "ready" || state === "saturated").length,
        busy: sum(({ busy }) => busy),
        waiting: sum(({ waiting }) => waiting),
        waitedMs: Math.max(0, ...instances.map(({ waitedMs }) => waitedMs)),
        inboxMessages: Number(capacity?.inboxMessages ?? 0n),
        inboxBytes: Number(capacity?.inboxBytes ?? 0n),
        reasons: instances.flatMap(({ reason }) => (reason === "" ? [] : [reason])),
      };
    }),
  );
  return facts.sort((a, b) => compare(a.component, b.component) || compare(a.node, b.node));
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
