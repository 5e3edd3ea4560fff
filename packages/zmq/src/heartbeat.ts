import type { ZmqTiming } from "./limits.ts";
import type { ZmqSystem } from "./system.ts";

/** What the heartbeat is told, and how it is stopped. */
export interface Heartbeat {
  /** Something came from the peer. */
  heard(): void;
  /** Something went to the peer. */
  sent(): void;
  /** The peer asked to be given up after so long a silence, in its PING. */
  askedFor(ttlMs: number): void;
  /** Ends the timer. */
  stop(): void;
}

/** What the heartbeat needs of its connection. */
export interface HeartbeatOptions {
  readonly timing: ZmqTiming;
  readonly system: ZmqSystem;
  /** Sends a PING. */
  ping(): void;
  /** Whether this side has stopped reading, so that silence says nothing about the peer. */
  paused(): boolean;
  /** The peer has been silent for too long. */
  onSilent(silentMs: number): void;
}

/**
 * Watches one connection: every interval in which nothing was heard or nothing was sent ends with a PING, and a peer
 * silent for the timeout is reported once.
 *
 * Silence is counted in intervals that passed, not read off a clock: when this process itself stood still, the bytes
 * that wait in its socket are read before the next interval is over.
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { timing, system } = options;
  const stepMs = timing.heartbeatIntervalMs;
  let timeoutMs = timing.heartbeatTimeoutMs;
  let heard = true;
  let sent = true;
  let silentMs = 0;
  let cancel: (() => void) | undefined;

  const beat = () => {
    cancel = system.setTimer(stepMs, beat);
    silentMs = heard || options.paused() ? 0 : silentMs + stepMs;
    const idle = !heard || !sent;
    heard = false;
    sent = false;
    if (silentMs >= timeoutMs) {
      cancel();
      cancel = undefined;
      options.onSilent(silentMs);
    } else if (idle) {
      options.ping();
    }
  };
  if (stepMs > 0) cancel = system.setTimer(stepMs, beat);

  return {
    heard: () => {
      heard = true;
    },
    sent: () => {
      sent = true;
    },
    askedFor: (ttlMs) => {
      if (ttlMs > 0) timeoutMs = Math.min(timing.heartbeatTimeoutMs, Math.max(ttlMs, 2 * stepMs));
    },
    stop: () => {
      cancel?.();
      cancel = undefined;
    },
  };
}
