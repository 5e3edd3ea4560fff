import type { Caller } from "./caller.ts";
import type { Clock } from "./clock.ts";
import type { Envelope } from "./envelope.ts";
import type { NodeLimits } from "./guard.ts";
import type { Log } from "./log.ts";
import type { Port } from "./port.ts";
import type { Router } from "./router.ts";

/** What a node lends to its relay. */
export interface RelayHost {
  readonly node: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: NodeLimits;
  /** Opens what is passed on, and ends it once. */
  readonly caller: Caller;
  /** Decides where in the node's own network it goes. */
  readonly router: Router;
}

/** Passes on messages for components that the node does not serve: what makes a node the foot of a gateway. */
export interface Relay {
  /** Gives it to the node that uses it; each life of a node is given anew. */
  seat(host: RelayHost): RelaySeat;
}

/** A relay at work in a node. */
export interface RelaySeat {
  /** Takes a message that begins an exchange, and answers it once, unless it is let go or nobody is to be told. */
  accept(envelope: Envelope, port: Port): void;
  /** Takes a cancel or a credit for a message that came from the same port. */
  follow(envelope: Envelope, port: Port): void;
  /** Ends what was begun through a port whose link is gone. */
  portLost(port: Port): void;
  /** Takes nothing more; resolves when what is under way has ended, or after the time. */
  drain(timeoutMs: number): Promise<void>;
}
