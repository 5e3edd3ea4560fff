import type { Link, Message } from "@orrery/core/internal";

/** What two links share from the making of a connection to its end. Each side learns of the end at its own time. */
export interface Connection {
  readonly dialler: SimLink;
  /** Set when the dialled side has taken it. */
  acceptor: SimLink | undefined;
}

/** One side of what leads from a node to another. Its transport alone writes to it. */
export class SimLink implements Link {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  sameHost = false;
  /** Messages that wait for a connection. */
  waiting: Message[] = [];
  /** Messages on their way over the connection of the moment. */
  travelling = 0;
  connection: Connection | undefined;
  up = false;
  trouble = "";
  /** Tries to connect that failed since it was up. */
  failures = 0;

  constructor(options: Pick<SimLink, "id" | "remote" | "direction">) {
    this.id = options.id;
    this.remote = options.remote;
    this.direction = options.direction;
  }

  allows(): boolean {
    return true;
  }
}
