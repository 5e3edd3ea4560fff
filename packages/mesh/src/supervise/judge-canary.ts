/** Calls of one version, counted since a stage began. */
export interface VersionCalls {
  readonly calls: number;
  /** Those that ended in a timeout, unreachable, or a defect. */
  readonly failures: number;
}

/** What a new version may do worse. */
export interface CanaryBudget {
  /** Share of failed calls, from 0 to 1, that is always allowed. Default: 0.01. */
  readonly failedShareMax?: number;
  /** How many times the share of the old version is allowed. Default: 2. */
  readonly worseMax?: number;
  /** Calls that are needed for a judgement. Default: 100. */
  readonly callsMin?: number;
}

/** What to do with a new version. */
export type CanaryVerdict = { readonly kind: "go-on" | "wait" } | { readonly kind: "halt"; readonly text: string };

/**
 * Judges a new version by its calls and those of the old one. It halts as soon as the failures could not be made good by all calls that are
 * still missing for a judgement: a version that fails always is not called a hundred times first.
 */
export function judgeCanary(fresh: VersionCalls, old: VersionCalls, budget: CanaryBudget = {}): CanaryVerdict {
  const { failedShareMax = 0.01, worseMax = 2, callsMin = 100 } = budget;
  const oldShare = old.calls === 0 ? 0 : old.failures / old.calls;
  const allowed = Math.max(failedShareMax, oldShare * worseMax);
  if (fresh.failures > allowed * Math.max(fresh.calls, callsMin)) {
    const text = `${fresh.failures} of ${fresh.calls} calls to the new version failed, ${percent(allowed)} are allowed and the old one has ${percent(oldShare)}`;
    return { kind: "halt", text };
  }
  return { kind: fresh.calls >= callsMin ? "go-on" : "wait" };
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
