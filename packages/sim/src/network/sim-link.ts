import type { Link, Message } from "@orrery/core/internal";
import type { Cable } from "./cable.ts";
import type { Place } from "./sim-network.ts";

/** One side of what leads from a node to another. Its transport alone writes to it. */
export class SimLink implements Link {
  readonly id: number;
  readonly remote: string;
  readonly direction: "in" | "out";
  sameHost = false;
  /** Messages that wait for a connection. */
  waiting: Message[] = [];
  /** Name of the connection that there is, or is being made; empty for none. Each side learns of its end at its own time. */
  connection = "";
  /** Where the connection leads. */
  place: Place | undefined;
  /** What it sends by. */
  cable: Cable | undefined;
  up = false;
  trouble = "";
  refusals = 0;
  /** Tries to connect that failed since it was up. */
  failures = 0;

  constructor(options: Pick<SimLink, "id" | "remote" | "direction">) {
    this.id = options.id;
    this.remote = options.remote;
    this.direction = options.direction;
  }

  /** It was given up. */
  isForgotten = false;
  /** Set for a link going out. */
  forget?: () => boolean;

  allows(): boolean {
    return true;
  }
}
