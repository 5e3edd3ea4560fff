import type { AccountsModel } from "../../lease/accounts-model.ts";
import { LeaseModel } from "../../lease/lease-model.ts";
import { NO_DIGEST, NOBODY, type Terms } from "../../lease/terms.ts";
import { leaseName, textDigest, watchersDigest } from "../../lease/typed-data.ts";
import type { Cast } from "./cast.ts";
import type { Chances } from "./chances.ts";
import { DAY } from "./draft.ts";

/** Quotes by chance, and the leases that come of them. */
export class Quotes {
  readonly leases: LeaseModel[] = [];
  readonly #cast: Cast;
  readonly #chances: Chances;
  readonly #accounts: AccountsModel;
  readonly #most: number;
  #count = 0;

  /** @param options with `most`: how many leases there are beside each other */
  constructor(options: { cast: Cast; chances: Chances; accounts: AccountsModel; most: number }) {
    this.#cast = options.cast;
    this.#chances = options.chances;
    this.#accounts = options.accounts;
    this.#most = options.most;
  }

  /** Sees to quotes that can be opened, in the place of leases that are over; at times these stay, for nothing may come of them. */
  renew(now: number): void {
    const { chance } = this.#chances;
    if (this.leases.length < this.#most) this.leases.push(this.#quote(now));
    const isOver = (lease: LeaseModel) => {
      const { stage } = lease.state();
      return stage === "Settled" || (stage === "None" && lease.terms.expires < now);
    };
    const over = this.leases.findIndex((lease) => isOver(lease));
    if (over >= 0 && chance(0.4)) this.leases[over] = this.#quote(now);
    const unopened = this.leases.findIndex((lease) => lease.state().stage === "None");
    if (unopened >= 0 && chance(0.05)) this.leases[unopened] = this.#quote(now);
  }

  #quote(now: number): LeaseModel {
    const { providers, publisher, watchers } = this.#cast;
    const { chance, of } = this.#chances;
    const [challengeWindow, responseWindow] = [of([60, 600, 3_600]), of([30, 300])];
    const windows = challengeWindow + responseWindow;
    const watched = chance(0.5);
    const terms: Terms = {
      provider: of(providers),
      publisher: chance(0.3) ? publisher : NOBODY,
      manifest: textDigest("manifest"),
      policy: textDigest("policy"),
      rate: chance(0.03) ? 0n : of([1n, 1_234_567_891n, 3_000_000_000n, 50_000_000_000n]),
      usageCap: of([0n, 999_999_999n, 20_000_000_000n]),
      bond: of([0n, 500n, 20_000n]),
      challengeBond: of([0n, 10n]),
      beatPeriod: of([10, 60]),
      grace: of([0, 60, 600]),
      challengeWindow,
      responseWindow,
      publisherNotice: windows + of([0, 60, DAY]) - (chance(0.02) ? 1 : 0),
      providerNotice: windows + of([0, 600]),
      startWindow: of([30, 3_600, DAY, DAY, DAY]),
      restBudget: of([0, 3_600, DAY]),
      tier1: of([0, 100]),
      factor1: 1,
      tier2: of([0, 100]),
      factor2: of([1, 3]),
      factor3: of([3, 10]),
      earningsFactor: of([0, 1, 5]),
      challengerShare: of([0, 333, 1_000]),
      quorum: watched ? 2 : 0,
      watchers: watched ? watchersDigest(watchers) : NO_DIGEST,
      expires: now + of([10, DAY, 30 * DAY, 30 * DAY, 30 * DAY]),
      nonce: BigInt(++this.#count),
    };
    return new LeaseModel({ accounts: this.#accounts, terms, lease: leaseName(terms) });
  }
}
