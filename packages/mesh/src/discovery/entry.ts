/** Where a node stands, as others see it. */
export type MemberStatus = "alive" | "suspect" | "dead" | "left";

/** What a node tells of one component. */
export interface ComponentAdvert {
  readonly name: string;
  /** Version in the form 1.2.3. */
  readonly version: string;
  /** Of its whole interface: 16 hex digits. */
  readonly fingerprint: string;
  /** Copies that take messages; of a whole network, where there is one. */
  readonly instances: number;
  /** Network that has it, where the node is a gateway to it. Absent for the node's own. */
  readonly network?: string;
}

/** Tells the components of one node apart: its own by their names, those of other networks also by network and version. */
export function componentKey({ name, network, version }: ComponentAdvert): string {
  return network === undefined ? name : `${name}@${network}@${version}`;
}

/** Orders components as they are told. */
export function byComponentKey(a: ComponentAdvert, b: ComponentAdvert): number {
  return componentKey(a) < componentKey(b) ? -1 : 1;
}

/** What a node serves, and where. */
export interface Advert {
  /** Version that it is the difference to; 0 for the whole. */
  readonly since: number;
  readonly addresses: readonly string[];
  /** In the order of their keys. */
  readonly components: readonly ComponentAdvert[];
  /** Other networks in which the node has a foot. */
  readonly networks: readonly string[];
  /** Whether it shares rates, and is told what others want of them. Absent for no. */
  readonly sharesRates?: boolean;
}

/** Where a node is in the space of round trips: the distance of two points, with their heights, is about their round trip in ms. */
export interface Coordinates {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  /** Share by which its distances may be wrong. */
  readonly error: number;
}

/** What of a node changes often. */
export interface Load {
  readonly version: number;
  /** Version of the advert that the slots belong to. */
  readonly advertVersion: number;
  /** Instances with nothing to do, by component in the order of their keys. */
  readonly freeSlots: readonly number[];
  /** Where the node is; absent where that is not known, or is not told as it is the same as at `placeVersion`. */
  readonly coordinates: Coordinates | undefined;
  /** Version of the load with which the coordinates were told; 0 for never. */
  readonly placeVersion: number;
}

/** What is said of one node. */
export interface Entry {
  readonly node: string;
  readonly incarnation: number;
  readonly version: number;
  readonly status: MemberStatus;
  /** Who suspects it; empty in all but suspicions. */
  readonly by: string;
  readonly advertVersion: number;
  readonly advert: Advert | undefined;
  readonly load: Load | undefined;
}

/** What decides which of two entries counts. */
export type Standing = Pick<Entry, "incarnation" | "version" | "status">;

const RANKS: Readonly<Record<MemberStatus, number>> = { alive: 1, suspect: 2, dead: 3, left: 4 };

/** The number of a status on the wire; of two that are else alike, the larger counts. */
export function rankOf(status: MemberStatus): number {
  return RANKS[status];
}

/** The status of a number on the wire. */
export function statusOfRank(rank: number): MemberStatus | undefined {
  return (["alive", "suspect", "dead", "left"] as const)[rank - 1];
}

/** Whether what is said outbids what is known. */
export function isNewer(said: Standing, known: Standing): boolean {
  if (said.incarnation !== known.incarnation) return said.incarnation > known.incarnation;
  if (said.version !== known.version) return said.version > known.version;
  return rankOf(said.status) > rankOf(known.status);
}

/** Whether a node with this status takes part: it may be suspected, but nobody has given it up. */
export function isThere(status: MemberStatus): boolean {
  return status === "alive" || status === "suspect";
}
