import type { Draw } from "@orrery/sim";

/** What kinds of providers there are in worlds. Those but the last three keep to the rules as well as they can. */
export const PROVIDERS = ["honest", "honest", "honest", "dark", "liar", "forgetful"] as const;

/** What kinds of publishers there are in worlds. */
export const PUBLISHERS = [
  ...(["honest", "honest", "honest", "away", "gone", "poor", "late", "silent", "accuser", "griever"] as const),
];

/** Who plays, and what it does to the other. */
export interface Cast {
  /** `dark` ends for good, in the middle of it; `liar` says and claims what is not so; `forgetful` loses its ledger. */
  readonly provider: (typeof PROVIDERS)[number];
  /**
   * `away` comes back after a while, `gone` does not; `poor` brings little money, `late` brings more once it is used up; `silent` signs nothing; `accuser`
   * challenges whenever it can, `griever` has its own vouchers redeemed in the way of answers.
   */
  readonly publisher: (typeof PUBLISHERS)[number];
  readonly deposit: bigint;
  /** When what the kinds do begins, ms of the world. */
  readonly turnMs: number;
  readonly dust: bigint;
  /** Whether a liar stops the pod, and shows lines as if it ran. */
  readonly cooks: boolean;
  /** Whether the publisher sees from outside if the pod is reached. */
  readonly hasProbe: boolean;
  /** How bad the nodes of the chain are: share of lost answers, of looks at which a node fails, and of reorganisations. */
  readonly loss: number;
  readonly trouble: number;
  readonly reorganisation: number;
}

/** Draws who plays. */
export function drawCast(draw: Draw): Cast {
  const provider = draw.oneOf(PROVIDERS);
  const publisher = draw.oneOf(PUBLISHERS);
  const isPoor = publisher === "poor" || publisher === "late" || draw.chance(0.1);
  return {
    ...{ provider, publisher },
    deposit: isPoor ? BigInt(200 + draw.integer(1_500)) : BigInt(6_000 + draw.integer(6_000)),
    turnMs: 60_000 + draw.integer(1_200_000),
    dust: draw.oneOf([1n, 1n, 100n, 400n]),
    cooks: draw.chance(0.5),
    hasProbe: draw.chance(0.5),
    loss: draw.oneOf([0, 0, 0.05, 0.2]),
    trouble: draw.oneOf([0, 0, 0.01, 0.04]),
    reorganisation: draw.oneOf([0, 0, 0.03, 0.1]),
  };
}

/** Whether a publisher keeps to the rules: what it pays and has back is promised. */
export function isPublisherHonest({ publisher }: Cast): boolean {
  return publisher === "honest" || publisher === "away";
}

/** Whether a provider keeps to the rules: what it earns, and its bond, is promised. */
export function isProviderHonest({ provider }: Cast): boolean {
  return provider === "honest";
}
