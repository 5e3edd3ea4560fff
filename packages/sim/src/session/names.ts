import { contractOf } from "@orrery/core/internal";
import type { Fault } from "../faults/fault.ts";
import type { ModelWorld } from "../world/model-world.ts";
import { listOf, unfit } from "./unfit.ts";

/** Services of a world's nodes, and each of their methods as `service.method`. */
export function methodsOf(world: ModelWorld): readonly string[] {
  const components = [...world.nodes.values()].flatMap(({ life }) => life.components());
  const names = components.flatMap(({ name, component }) => [
    name,
    ...[...contractOf(component.service).methods.keys()].map((method) => `${name}.${method}`),
  ]);
  return [...new Set(names)];
}

/** Names of a world's nodes. */
export function nodesOf(world: ModelWorld): readonly string[] {
  return [...world.nodes.keys()];
}

/** @throws OrreryError `invalid_argument` for a name that no node has; `*` stands for all. */
export function assertNode(line: string, name: string, world: ModelWorld): void {
  if (name === "*" || world.nodes.has(name)) return;
  throw unfit(line, `there is no node "${name}", there are ${listOf(nodesOf(world))}`);
}

/** @throws OrreryError `invalid_argument` for a service or method that no node has. */
export function assertMethod(line: string, name: string, world: ModelWorld): void {
  const known = methodsOf(world);
  if (!known.includes(name)) throw unfit(line, `there is no method "${name}", there are ${listOf(known)}`);
}

/** A fault acts only where all its names are known: half of one would not be what was asked for. */
export function assertFault(line: string, fault: Fault, world: ModelWorld): void {
  for (const name of namesOf(fault)) assertNode(line, name, world);
  if ("from" in fault && fault.from !== undefined && fault.from !== "*" && fault.from === fault.to)
    throw unfit(line, `a link is between two nodes, and "${fault.from}" is one`);
}

/** Names of nodes that a fault says, `*` among them. */
export function namesOf(fault: Fault): readonly string[] {
  if ("node" in fault) return [fault.node];
  if (fault.verb === "partition") return fault.groups.flat();
  return [fault.from, fault.to].filter((name) => name !== undefined);
}
