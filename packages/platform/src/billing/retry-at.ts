import { BILLING_RETRY_MS } from "./limits.ts";

/** When something is asked again that had no answer so many times in a row: ever more seldom. */
export function retryAt(now: number, times: number): number {
  const { first, most } = BILLING_RETRY_MS;
  return now + Math.min(most, first * 2 ** Math.min(times - 1, 20));
}
