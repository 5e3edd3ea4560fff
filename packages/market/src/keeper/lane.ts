import type { Clock, Random } from "@orrery/core";
import type { ChainCall } from "../chain/calls.ts";
import type { LeaseChain, Sent } from "../chain/lease-chain.ts";
import type { Terms } from "../lease/terms.ts";

/** Waits after the first call that did not end well, in ms. */
const WAIT_MIN_MS = 2_000;

/** Waits at most, in ms, where windows are long. */
const WAIT_MAX_MS = 300_000;

/** How long calls about a lease wait at most: an eighth of the time to answer a challenge, so that several fit into it. */
export function waitMaxOf({ responseWindow }: Pick<Terms, "responseWindow">): number {
  return Math.min(WAIT_MAX_MS, responseWindow * 125);
}

/** What a lane works with. */
export interface LaneOptions {
  readonly chain: Pick<LeaseChain, "send">;
  readonly clock: Pick<Clock, "monotonic">;
  readonly random: Pick<Random, "next">;
  /** Waits at most so long, in ms: short beside what must not be missed. */
  readonly waitMaxMs: number;
  /** Told of each end. */
  readonly onEnd: (call: ChainCall, sent: Sent) => void;
}

/** Makes calls of one concern one after the other. */
export interface Lane {
  /**
   * Makes a call, unless one is on its way, or the last one did not end well a short time ago, or what says that the call is due was read before the
   * last one ended: then it says nothing of what became of that one.
   * @param readAtMs when the reading began, by the monotonic clock
   * @returns how it ended; undefined where it was not made
   */
  offer(call: ChainCall, readAtMs: number): Promise<Sent | undefined>;
  /** Whether a call is on its way. */
  isBusy(): boolean;
}

/**
 * Opens a lane.
 *
 * I1. At most one call is on its way.
 * I2. After a call whose end is not known, or that failed, the next is made only by a look at the chain that came after it, and after a wait that
 *     doubles each time, less a share by chance of up to a half.
 */
export function createLane({ chain, clock, random, waitMaxMs, onEnd }: LaneOptions): Lane {
  let [isBusy, endedAtMs, notBeforeMs, failures] = [false, Number.NEGATIVE_INFINITY, 0, 0];
  return {
    isBusy: () => isBusy,
    offer: async (call, readAtMs) => {
      if (isBusy || readAtMs < endedAtMs || clock.monotonic() < notBeforeMs) return undefined;
      isBusy = true;
      try {
        const sent = await chain.send(call);
        failures = sent.kind === "mined" ? 0 : failures + 1;
        onEnd(call, sent);
        return sent;
      } finally {
        isBusy = false;
        endedAtMs = clock.monotonic();
        const full = Math.min(waitMaxMs, WAIT_MIN_MS * 2 ** Math.min(failures - 1, 30));
        notBeforeMs = failures === 0 ? 0 : endedAtMs + full * (1 - random.next() / 2);
      }
    },
  };
}
