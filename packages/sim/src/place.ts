import { OrreryError } from "@orrery/core";
import type { Place } from "./sim-network.ts";

/** Names of nodes stand in addresses and in the text of faults. */
const NAME = /^[^\s/?#*>,|]+$/;

/** Checks where a node is to be. @throws OrreryError `invalid_argument` for a name that cannot be, or a machine in two zones. */
export function assertPlace(
  { name, machine, zone }: Omit<Place, "number">,
  others: Iterable<Omit<Place, "number">>,
): void {
  if (!NAME.test(name))
    throw new OrreryError(
      "invalid_argument",
      `Cannot add node "${name}": write a name without spaces and / ? # * > , |`,
    );
  for (const other of others) {
    if (other.machine !== machine || other.zone === zone) continue;
    const text = `Cannot add node "${name}" in zone "${zone}": its machine "${machine}" is in zone "${other.zone}", where "${other.name}" runs; a machine is in one zone`;
    throw new OrreryError("invalid_argument", text);
  }
}
