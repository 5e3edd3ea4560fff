/** An account on the chain: 20 bytes in hex, as the chain prints it. */
export type Account = `0x${string}`;

/** 32 bytes in hex. */
export type Digest = `0x${string}`;

/** No account, where one may be left out. */
export const NOBODY: Account = "0x0000000000000000000000000000000000000000";

/** No digest, where one may be left out. */
export const NO_DIGEST: Digest = `0x${"0".repeat(64)}`;

/**
 * What a provider offers in a quote, and what then holds for the lease that is opened by it. Amounts are base units of the token, rates
 * billionths of them a second, times whole seconds. The provider signs it as typed data (EIP-712), and its hash is the name of the lease; `contracts/src/Terms.sol` is the same.
 */
export interface Terms {
  readonly provider: Account;
  /** Who alone may open the lease; `NOBODY` for whoever has the quote. */
  readonly publisher: Account;
  /** Digest of the manifest of the pod. */
  readonly manifest: Digest;
  /** Digest of the policy that evidence must meet. */
  readonly policy: Digest;
  /** A second of what is reserved, in billionths. 1 to 2^64 - 1. */
  readonly rate: bigint;
  /** The most that use may cost in a second, beside the rate, in billionths. Under 2^64. */
  readonly usageCap: bigint;
  /** What the provider loses at most. */
  readonly bond: bigint;
  /** What whoever challenges puts in; the provider has it when it answers. */
  readonly challengeBond: bigint;
  /** Beats are at most so far apart: H. */
  readonly beatPeriod: number;
  /** Darkness that costs the provider nothing but the pay: G. */
  readonly grace: number;
  /** How long a proposal waits to be challenged, and a default for late evidence: C. */
  readonly challengeWindow: number;
  /** Time to answer a challenge: R. C + R is at most 7 days. */
  readonly responseWindow: number;
  /** From the publisher's notice to settlement, the last C + R of it without service: U. At most 90 days. */
  readonly publisherNotice: number;
  /** From the provider's notice to settlement, and of rests that it announces: N. At most 90 days. */
  readonly providerNotice: number;
  /** Time in which the provider starts. At most 90 days. */
  readonly startWindow: number;
  /** Announced rest in each 30 days. */
  readonly restBudget: number;
  /** Length of the first tier of darkness beyond grace. */
  readonly tier1: number;
  /** What a second of it costs, in rates. No factor is less than the one before. */
  readonly factor1: number;
  readonly tier2: number;
  readonly factor2: number;
  readonly factor3: number;
  /** The penalty is at most so many times what the provider earns; 0 for no such bound. */
  readonly earningsFactor: number;
  /** Of the penalty, in ten-thousandths, what whoever proved the default has. At most 1,000. */
  readonly challengerShare: number;
  /** How many of the watchers must agree; 0 without watchers. */
  readonly quorum: number;
  /** Digest of the addresses of the watchers, in rising order; `NO_DIGEST` without. */
  readonly watchers: Digest;
  /** The lease is opened until then, seconds since 1970. */
  readonly expires: number;
  /** Lets two quotes with the same terms differ. */
  readonly nonce: bigint;
}

/** Most seconds of challenge and response windows together. */
export const WINDOWS_MAX_S = 7 * 86_400;

/** Most seconds of a notice. */
export const NOTICE_MAX_S = 90 * 86_400;

/** Seconds for which stake that leaves is at risk still. */
export const UNBONDING_S = 8 * 86_400;

/** Rest is counted by so many seconds since the start. */
export const REST_PERIOD_S = 30 * 86_400;

const CHALLENGER_SHARE_MAX = 1_000;

/** The member that makes terms bad: a party could be held for ever, or nothing would be at stake. Undefined for good terms. */
export function faultOf(terms: Terms): string | undefined {
  const windows = terms.challengeWindow + terms.responseWindow;
  const isNotice = (seconds: number) => seconds >= windows && seconds <= NOTICE_MAX_S;
  const rules: readonly (readonly [field: string, isGood: boolean])[] = [
    ["provider", terms.provider !== NOBODY],
    ["rate", terms.rate > 0n],
    ["beatPeriod", terms.beatPeriod > 0],
    ["challengeWindow", terms.challengeWindow > 0],
    ["responseWindow", terms.responseWindow > 0],
    ["challengeWindow and responseWindow", windows <= WINDOWS_MAX_S],
    ["publisherNotice", isNotice(terms.publisherNotice)],
    ["providerNotice", isNotice(terms.providerNotice)],
    ["startWindow", terms.startWindow > 0 && terms.startWindow <= NOTICE_MAX_S],
    ["restBudget", terms.restBudget <= REST_PERIOD_S],
    ["factor1, factor2, factor3", terms.factor1 <= terms.factor2 && terms.factor2 <= terms.factor3],
    ["challengerShare", terms.challengerShare <= CHALLENGER_SHARE_MAX],
    ["quorum", (terms.quorum === 0) === (terms.watchers === NO_DIGEST)],
  ];
  return rules.find(([, isGood]) => !isGood)?.[0];
}
