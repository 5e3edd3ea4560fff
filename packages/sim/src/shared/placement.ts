import { OrreryError } from "@orrery/core";
import type { Place } from "../network/sim-network.ts";

/** Says which member runs a node: its number, from 0. */
export type Placement = (place: Place) => number;

/** Options of a placement. */
export interface PlacementOptions {
  /** Members that there are. */
  readonly members: number;
  /** Members of nodes by name; those that it does not name go with their machine. Default: none. */
  readonly fixed?: Readonly<Record<string, number>>;
}

/**
 * Deals machines out to members, one after the other in the order in which they are first named; the nodes of one machine stay together.
 * Every member asks for the same nodes in the same order, and so all come to the same.
 * @throws OrreryError `invalid_argument` for a number of members that cannot be, or a node that is given to none of them.
 */
export function createPlacement({ members, fixed = {} }: PlacementOptions): Placement {
  if (!(Number.isSafeInteger(members) && members >= 1))
    throw unfit(`${members} members`, "write a whole number from 1");
  for (const [node, member] of Object.entries(fixed)) {
    if (Number.isSafeInteger(member) && member >= 0 && member < members) continue;
    throw unfit(`node "${node}" in member ${member}`, `write a whole number from 0 to ${members - 1}`);
  }
  const machines = new Map<string, number>();
  return ({ name, machine }) => {
    const given = fixed[name];
    if (given !== undefined) return given;
    let member = machines.get(machine);
    if (member === undefined) {
      member = machines.size % members;
      machines.set(machine, member);
    }
    return member;
  };
}

function unfit(what: string, why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot place ${what}: ${why}`);
}
