import type { Distance } from "@orrery/core";
import type { MemberStatus } from "./entry.ts";

/** How near a place is: this process, this host, this network, or another network, behind a gateway. */
export type Nearness = "process" | "host" | "network" | "remote";

/** A place that serves a component, as the choice sees it. */
export interface Candidate {
  readonly node: string;
  /** Empty for this process. */
  readonly address: string;
  readonly nearness: Nearness;
  readonly version: string;
  readonly fingerprint: string;
  readonly status: MemberStatus;
  /** Whether there is a connection to it: messages leave at once. */
  readonly isUp: boolean;
  /** By which carrier the connection goes, such as `tcp` or `ipc`; empty or absent while there is none. */
  readonly carrier?: string;
  /** Why its last try to connect failed; empty when none did, or none was made. */
  readonly trouble: string;
  /** Copies that take messages. */
  readonly instances: number;
  /** Copies with nothing to do, as it told last; undefined where it did not tell. */
  readonly freeSlots: number | undefined;
  /** Calls from here that are open there. */
  readonly inFlight: number;
  /** Whether a call from here bounced there lately, and none was answered since. Absent for no. */
  readonly isBouncing?: boolean;
  /** How far it is, one way; undefined where nothing is known. */
  readonly distance: Distance | undefined;
}

/** The places of one component, by nearness. */
export interface Candidates<C extends Candidate = Candidate> {
  readonly process: C | undefined;
  readonly host: readonly C[];
  readonly network: readonly C[];
  /** In other networks: for what nobody nearer can take. Absent for none. */
  readonly remote?: readonly C[];
}

/** All places of a component, nearest first. */
export function allOf<C extends Candidate>(candidates: Candidates<C>): readonly C[] {
  return [...nearOf(candidates), ...(candidates.remote ?? [])];
}

/** The places of a component in this network, nearest first. */
export function nearOf<C extends Candidate>({ process, host, network }: Candidates<C>): readonly C[] {
  return [...(process === undefined ? [] : [process]), ...host, ...network];
}
