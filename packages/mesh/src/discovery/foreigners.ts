import type { Log } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { GossipMessage } from "./gossip-codec.ts";

/** Options of `createForeigners`. */
export interface ForeignersOptions {
  /** Name of this node's network; empty for none. */
  readonly network: string;
  /** Whether this node has no address, or serves nothing. */
  readonly isLooking: boolean;
  readonly log: Log;
}

/** Tells who is of another network. */
export interface Foreigners {
  /** Whether a message is of another network; the first of each link is told to the log. */
  has(link: Link, message: Pick<GossipMessage, "from" | "network">): boolean;
}

/**
 * Makes what keeps networks apart. Nothing in a message of another one counts, and nothing is answered, so that two networks that meet by
 * accident stay two. Who only looks, and has no network of its own, looks at that of which it hears first.
 */
export function createForeigners({ network, isLooking, log }: ForeignersOptions): Foreigners {
  const told = new WeakSet<Link>();
  let lookedAt: string | undefined;
  return {
    has(link, { from, network: theirs }) {
      if (isLooking && network === "") lookedAt ??= theirs;
      const ours = lookedAt ?? network;
      if (theirs === ours || (theirs === "" && from === "")) return false;
      if (told.has(link)) return true;
      told.add(link);
      const who = from === "" ? "a client" : `node "${from}"`;
      log.warn(
        `${who} at "${link.remote}" is of ${nameOf(theirs)}, this one of ${nameOf(ours)}: they stay apart, check the seeds`,
      );
      return true;
    },
  };
}

function nameOf(network: string): string {
  return network === "" ? "a network without a name" : `network "${network}"`;
}
