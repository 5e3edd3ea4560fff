import { type Amounts, NO_DIGEST, type PriceList } from "@orrery/market";
import { BENCH_STEP_S } from "../limits.ts";

/**
 * What providers of a bench ask for, of a token of 6 digits: a core costs 0.036 an hour, a GiB of memory about 0.0037, a GiB that goes out about 0.1. Times
 * are short, so that little has to be waited for.
 */
export const BENCH_PRICES: PriceList = {
  prices: {
    ...{ cpu: 10_000_000n, memory: 1_000_000n, storage: 1_000n, ip: 1_000_000_000n, gpu: 100_000_000_000n },
    ...{ egress: 100_000_000n, ingress: 0n },
  },
  bondS: 86_400,
  validS: 600,
  conditions: {
    ...{ challengeBond: 1_000_000n, beatPeriod: 60, grace: 60, challengeWindow: 120, responseWindow: 120 },
    ...{ publisherNotice: 240, providerNotice: 600, startWindow: 600, restBudget: 0 },
    ...{ tier1: 3_600, factor1: 1, tier2: 3_600, factor2: 3, factor3: 10 },
    ...{ earningsFactor: 0, challengerShare: 1_000, quorum: 0, watchers: NO_DIGEST },
  },
};

/** What each has for pods: more than it asks the machine for. */
export const BENCH_CAPACITY: Amounts = { cpu: 4_000n, memory: 4_096n, storage: 16_384n, ip: 0n, gpu: 0n };

/** What its operators see amounts in. */
export const BENCH_TOKEN = { symbol: "COIN", decimals: 6 } as const;

/** A keeper looks at each step of the clock. */
export const BENCH_PERIODS = { lookMs: BENCH_STEP_S * 1_000, warnS: 600, keepS: 3_600 } as const;

/** Less than so many base units is not asked of the contract: what a pod of a bench costs stays to be seen for a while. */
export const BENCH_DUST = 10_000n;
