import type { ComponentAdvert } from "./entry.ts";

/** A component that another network offers in this one. */
export interface Offer extends ComponentAdvert {
  /** Network that has it. */
  readonly network: string;
  /** Copies with nothing to do in all of it, as far as it is known. */
  readonly freeSlots: number;
}

/** What a gateway tells and hears in one of its networks, by way of the directory that it has there. */
export interface GatewayFoot {
  /** Other networks in which it has a foot. */
  readonly networks: readonly string[];
  /** What they offer here now. */
  offers(): readonly Offer[];
  /** Told that a node of this network is otherwise than before. */
  changed(): void;
}
