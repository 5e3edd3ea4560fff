import type { Bench } from "./bench.ts";
import type { TransportHarness } from "./harness.ts";

/** One thing that every transport must do. */
export interface ConformanceCase {
  /** Finishes the sentence that begins with the transport's name. */
  readonly name: string;
  /** Says why the case does not fit a harness; nothing when it does. */
  readonly skip?: (harness: TransportHarness) => string | undefined;
  run(bench: Bench): Promise<void>;
}

/** Leaves a case out where values are handed over. */
export function needsBytes(why: string): (harness: TransportHarness) => string | undefined {
  return (harness) => (harness.createTransport().carriesValues ? `values are handed over: ${why}` : undefined);
}

/** Leaves a case out where the harness cannot do something. */
export function needs(feature: keyof TransportHarness): (harness: TransportHarness) => string | undefined {
  return (harness) => (harness[feature] === undefined ? `the harness has no "${feature}"` : undefined);
}
