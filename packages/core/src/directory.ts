import type { Clock } from "./clock.ts";
import type { ComponentView } from "./component-view.ts";
import type { NodeLimits } from "./guard.ts";
import type { Log } from "./log.ts";
import type { Port } from "./port.ts";
import type { Random } from "./random.ts";
import type { Router } from "./router.ts";
import type { Link, LinkEvent, SendResult } from "./transport.ts";

/** Tells where components are. The node reads it at each call, so it must answer at once, from memory. */
export interface Directory {
  /** Addresses of nodes that serve a component, in a fixed order; empty when none is known. The same array until they change. */
  resolve(component: string): readonly string[];
  /** Every component it knows of. */
  components(): readonly string[];
  /**
   * Gives a seat to the node that uses it; for directories that nodes keep among themselves. One directory seats one node.
   * @throws OrreryError `failed_precondition` when it has seated one.
   */
  seat?(host: DirectoryHost): DirectorySeat;
}

/** What a node lends to its directory. */
export interface DirectoryHost {
  readonly node: string;
  readonly incarnation: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Addresses that the node has opened. */
  addresses(): readonly string[];
  /** What the node serves; undefined for a client. */
  components(): readonly ComponentView[] | undefined;
  /** What limits the node's messages: a router asks it about each way. */
  readonly limits: NodeLimits;
  /** The port to what the node serves itself. */
  readonly local: Port;
  /** Whether there is a carrier for an address; opens nothing. */
  reaches(address: string): boolean;
  /** The port to an address, opened on first use. @throws OrreryError `invalid_argument` for what is no address here. */
  port(address: string): Port;
  /** Gives up the connection to an address that was opened, unless it is up: nobody is there any more. */
  forget(address: string): void;
  /** Says something to the directory at the other end of a link. */
  send(link: Link, message: Uint8Array): SendResult;
}

/** A directory at work in a node. */
export interface DirectorySeat {
  /** Decides where the node's messages go. */
  readonly router: Router;
  /** The node's addresses are open, and its components are about to start. */
  start(): void;
  /** Takes what a directory said at the other end of a link. Rubbish is counted and dropped. */
  receive(link: Link, message: Uint8Array): void;
  /** A link is up, or gone. */
  linkChanged(event: LinkEvent): void;
  /** The node takes no new messages from here on. */
  leave(): void;
  /** The node is about to close its links. */
  close(): void;
}

/** Directory of a table that does not change: component name to addresses. */
export function createTableDirectory(table: Readonly<Record<string, readonly string[]>>): Directory {
  const places = new Map(Object.entries(table));
  return {
    resolve: (component) => places.get(component) ?? NOWHERE,
    components: () => [...places.keys()],
  };
}

const NOWHERE: readonly string[] = Object.freeze([]);
