import type { Bounces } from "./bounces.ts";
import type { Envelope } from "./envelope.ts";
import type { Link, SendResult } from "./transport.ts";

/** Whether a port took a message. `leaving`: its peer has finished, and takes nothing that begins an exchange; definite, as all but `accepted`. */
export type PortResult = SendResult | "leaving";

/** What a peer has said of its end: it takes nothing new but what its own work leads to, or it has finished and takes nothing at all. */
export type Leaving = "stopping" | "stopped";

/** A way to one peer, or within this process: what callers and containers send through. */
export interface Port {
  /** True when values may be handed over; false when a body must be bytes. */
  readonly carriesValues: boolean;
  /** Absent within this process. */
  readonly link: Link | undefined;
  /** The address that the place goes by, where several carriers lead to it, and the link may be of another address. */
  readonly place?: string | undefined;
  /** Gateways between here and there; absent for none. */
  readonly gateways?: number;
  /** Whether the link was given up: another port leads there when it is asked for again. */
  readonly isGivenUp?: boolean;
  /** How far its peer is on its way to an end; absent for one that stays. */
  readonly leaving?: Leaving | undefined;
  /** Calls that were sent through it and have not ended: what balancing looks at. Absent where nobody balances. */
  inFlight?: number;
  /** What bounced there lately; undefined for nothing. */
  bounces?: Bounces | undefined;
  /** Sends, or refuses definitely. */
  send(envelope: Envelope): PortResult;
  /** Hands over the value that answers a request, without an envelope around it; only where values are carried within the node. */
  readonly answer?: (request: Envelope, value: unknown) => void;
}

/** A port that looks like another and carries nothing: what is sent into it goes nowhere. */
export function mutePort({ carriesValues, link }: Port): Port {
  return { carriesValues, link, send: () => "accepted" };
}
