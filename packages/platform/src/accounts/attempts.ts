import { type Clock, OrreryError } from "@orrery/core";
import { WRONG_ACCOUNTS_MAX, WRONG_FREE, WRONG_KEPT_MS, WRONG_WAIT_MAX_MS, WRONG_WAIT_MS } from "./limits.ts";

/**
 * Counts wrong passwords by account, whether the account is there or not.
 *
 * I1 A try counts as wrong from its beginning, so that many at once are no way around the wait.
 */
export interface Attempts {
  /** Takes a try. @throws OrreryError `resource_exhausted` with the time to wait, before anything is looked at */
  begin(account: string): void;
  /** Forgets what was wrong: the last try was right. */
  right(account: string): void;
}

interface Wrong {
  count: number;
  lastMs: number;
  nextMs: number;
}

/** Begins to count. */
export function createAttempts(clock: Pick<Clock, "monotonic">): Attempts {
  const accounts = new Map<string, Wrong>();
  return {
    begin: (account) => {
      const nowMs = clock.monotonic();
      const known = accounts.get(account);
      const wrong =
        known !== undefined && nowMs - known.lastMs < WRONG_KEPT_MS ? known : { count: 0, lastMs: 0, nextMs: 0 };
      if (nowMs < wrong.nextMs) throw tooMany(account, wrong.nextMs - nowMs);
      wrong.count++; // I1
      wrong.lastMs = nowMs;
      const over = wrong.count - WRONG_FREE;
      wrong.nextMs = over < 0 ? 0 : nowMs + Math.min(WRONG_WAIT_MAX_MS, WRONG_WAIT_MS * 2 ** Math.min(over, 30));
      accounts.delete(account);
      if (accounts.size >= WRONG_ACCOUNTS_MAX) accounts.delete(accounts.keys().next().value ?? "");
      accounts.set(account, wrong);
    },
    right: (account) => void accounts.delete(account),
  };
}

function tooMany(account: string, waitMs: number): OrreryError {
  const seconds = Math.ceil(waitMs / 1_000);
  const text = `Cannot log in as "${account}": there were too many wrong passwords, try again in ${seconds} s`;
  return new OrreryError("resource_exhausted", text, { details: { retryAfterMs: Math.ceil(waitMs) } });
}
