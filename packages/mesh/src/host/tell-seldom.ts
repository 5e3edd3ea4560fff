import type { Clock } from "@orrery/core";
import type { ZmqErrorCode } from "@orrery/zmq";

/** How long the same is not told again, in ms. */
const QUIET_MS = 60_000;
/** Texts that are remembered; those that were told first are forgotten first. */
const TEXTS_MAX = 256;
const REFUSALS: readonly (ZmqErrorCode | undefined)[] = ["unauthenticated", "handshake_failed", "protocol_violation"];

/** Makes a listener for troubles of connections that passes on those in which one side refused the other: the same once a minute, whatever its port. */
export function tellSeldom(clock: Clock, tell: (text: string) => void): (text: string, code?: ZmqErrorCode) => void {
  const told = new Map<string, number>();
  return (text, code) => {
    if (!REFUSALS.includes(code)) return;
    const key = text.replace(/:\d+(?=")/g, "");
    const now = clock.monotonic();
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    told.delete(key);
    told.set(key, now);
    const [oldest] = told.keys();
    if (told.size > TEXTS_MAX && oldest !== undefined) told.delete(oldest);
    tell(text);
  };
}
