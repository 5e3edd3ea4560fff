import { OPERATE } from "@orrery/mesh/operate";
import type { FleetNode } from "./fleet.ts";

/** What a node serves, by its own word, else by that of others. */
export function servedBy({ status, member }: FleetNode): readonly {
  readonly name: string;
  readonly version: string;
  readonly fingerprint: string;
  readonly instances: number;
}[] {
  const own = status?.components.map(({ name, version, fingerprint, instances }) => ({
    ...{ name, version, fingerprint },
    instances: instances.length,
  }));
  const told = member?.components.map(({ name, version, fingerprint, instances }) => ({
    ...{ name, version, fingerprint },
    instances,
  }));
  return (own ?? told ?? []).filter(({ name }) => name !== OPERATE);
}

/** How much a node has to do, by its own word. */
export function loadOf({ status }: FleetNode): {
  readonly busy: number;
  readonly waiting: number;
  readonly instances: number;
  readonly text: string;
} {
  const all = status?.components.flatMap(({ instances }) => instances) ?? [];
  const busy = all.reduce((sum, one) => sum + one.busy, 0);
  const waiting = all.reduce((sum, one) => sum + one.waiting, 0);
  const waits = waiting === 0 ? "" : `, ${waiting} wait`;
  const text = busy + waiting === 0 ? "idle" : `${busy} busy of ${all.length}${waits}`;
  return { busy, waiting, instances: all.length, text: status === undefined ? "" : text };
}
