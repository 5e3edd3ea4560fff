import { OrreryError } from "../orrery-error.ts";
import type { Transport } from "../transport.ts";

/** What a node knows of carriers beside its addresses. */
export interface CarrierPlan {
  /** Addresses at which a place may be reached more directly than at one of its own, best first. They need not exist. */
  nearer(address: string): readonly string[];
  /**
   * Addresses to open beside one: asked before it is opened, with what was asked for, and afterwards with what the system chose, where that is
   * another. What cannot be opened is logged and left out.
   */
  beside(address: string): readonly string[];
}

/** One of the ways to a place. */
export interface Carrier {
  readonly transport: Transport;
  readonly address: string;
}

/** Parts the addresses of one place: `ipc:///run/a.sock|tcp://10.0.0.7:7101`. */
const PARTING = "|";

/**
 * The carriers to a place, in the order of the node's transports. A place is written as one address, or as several of one node with `|` between.
 * @throws OrreryError `invalid_argument` when there is no transport for any of its addresses.
 */
export function carriersOf(
  place: string,
  transports: readonly Transport[],
  plan: CarrierPlan | undefined,
): readonly Carrier[] {
  const addresses = place.split(PARTING).flatMap((address) => [...(plan?.nearer(address) ?? []), address]);
  const carriers = transports.flatMap((transport) =>
    [...new Set(addresses)]
      .filter((address) => address.startsWith(`${transport.scheme}://`))
      .map((address) => ({ transport, address })),
  );
  if (carriers.length > 0) return carriers;
  const known = transports.map(({ scheme }) => `${scheme}://`).join(", ");
  throw new OrreryError(
    "invalid_argument",
    `Cannot use address "${place}": this node has no transport for it, only ${known === "" ? "none" : known}`,
  );
}

/** Whether a node with these transports has a carrier to a place. */
export function isReached(place: string, transports: readonly Transport[]): boolean {
  return place.split(PARTING).some((address) => transports.some(({ scheme }) => address.startsWith(`${scheme}://`)));
}
