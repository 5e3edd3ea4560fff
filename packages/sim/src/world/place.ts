import { OrreryError } from "@orrery/core";
import type { Place } from "../network/sim-network.ts";

/** Names of nodes stand in addresses and in the text of faults. */
const NAME = /^[^\s/?#*>,|]+$/;

/**
 * Checks where a node is to be; `other` is a node of the same machine, if there is one.
 * @throws OrreryError `invalid_argument` for a name that cannot be, or a machine in two zones.
 */
export function assertPlace({ name, machine, zone }: Place, other: Place | undefined): void {
  if (!NAME.test(name))
    throw new OrreryError(
      "invalid_argument",
      `Cannot add node "${name}": write a name without spaces and / ? # * > , |`,
    );
  if (other === undefined || other.zone === zone) return;
  const text = `Cannot add node "${name}" in zone "${zone}": its machine "${machine}" is in zone "${other.zone}", where "${other.name}" runs; a machine is in one zone`;
  throw new OrreryError("invalid_argument", text);
}
