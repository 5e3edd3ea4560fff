/** What the pause before a reconnection depends on. */
export interface BackoffOptions {
  /** Failures so far, the first one is 1. */
  readonly failures: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** A number in [0, 1). */
  readonly random: number;
}

/**
 * The pause before the next attempt, in milliseconds: `minMs` doubled with every failure up to `maxMs`, of which
 * chance takes away up to a half, so that the clients of a server that restarts do not come back all at once.
 */
export function backoffMs({ failures, minMs, maxMs, random }: BackoffOptions): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(full * (1 - random / 2));
}
