import { type Clock, OrreryError } from "@orrery/core";
import { CLOSURES_MAX } from "./limits.ts";

/** Airports that somebody said are closed, each until its time is over. */
export interface Closures {
  /** Remembers that an airport is closed from now on; forgets the oldest closure when there are `CLOSURES_MAX`. */
  note(iata: string, options: { readonly reason: string; readonly lastsMs: number }): void;
  isClosed(iata: string): boolean;
  /** @throws OrreryError `failed_precondition` that says why the airport is closed and when it opens. */
  assertOpen(iata: string): void;
}

/** Makes an empty list of closures that measures time by a clock. */
export function createClosures(clock: Clock): Closures {
  const closed = new Map<string, { readonly reason: string; readonly untilMs: number }>();
  const find = (iata: string) => {
    const closure = closed.get(iata);
    return closure !== undefined && closure.untilMs > clock.monotonic() ? closure : undefined;
  };
  return {
    note(iata, { reason, lastsMs }) {
      closed.delete(iata);
      const [oldest] = closed.keys();
      if (oldest !== undefined && closed.size >= CLOSURES_MAX) closed.delete(oldest);
      closed.set(iata, { reason, untilMs: clock.monotonic() + lastsMs });
    },
    isClosed: (iata) => find(iata) !== undefined,
    assertOpen(iata) {
      const closure = find(iata);
      if (closure === undefined) return;
      const seconds = Math.ceil((closure.untilMs - clock.monotonic()) / 1000);
      throw new OrreryError(
        "failed_precondition",
        `Cannot plan a trip over "${iata}": it is closed (${closure.reason || "no reason given"}), it opens in ${seconds} s`,
        { details: { iata, opensInSeconds: seconds } },
      );
    },
  };
}
