import type { Clock } from "@orrery/core";
import type { LocalAccount } from "viem";
import { amountsJson } from "../amounts-json.ts";
import type { LeaseDomain } from "../lease/typed-data.ts";
import type { Amounts } from "../meter/prices.ts";
import type { Provider } from "../provider/provider.ts";
import type { PriceList } from "../quote/quote.ts";
import type { AddonFacts } from "./answer-addon.ts";
import { signOffer } from "./offer.ts";

/** What facts are made of. */
export interface AddonFactsOptions {
  readonly provider: Pick<Provider, "account" | "view">;
  /** All that it has for pods. */
  readonly capacity: Amounts;
  readonly priceList: PriceList;
  /** Where publishers reach it. */
  readonly url: string;
  /** Of its account. */
  readonly key: LocalAccount;
  readonly domain: LeaseDomain;
  /** Numbers offers by the time, so that later ones take the place of those of an earlier life. */
  readonly clock: Pick<Clock, "now">;
}

/** Tells add-ons what a provider has and asks for, and signs it. */
export function createAddonFacts(options: AddonFactsOptions): AddonFacts {
  const { provider, priceList, url, key, domain, clock } = options;
  let sequence = 0;
  const capacity = () => ({ total: said(options.capacity), free: said(provider.view.free()) });
  const prices = () => ({
    prices: said(priceList.prices),
    bondS: priceList.bondS,
    conditions: JSON.parse(amountsJson(priceList.conditions)) as unknown,
  });
  return {
    capacity,
    prices,
    offer: async (validS) => {
      const nowMs = clock.now();
      sequence = Math.max(sequence + 1, nowMs);
      const content = { ...prices(), ...capacity(), closed: provider.view.closed() };
      const expires = Math.floor(nowMs / 1_000) + validS;
      return await signOffer({ provider: provider.account, url, content, expires, sequence }, { key, domain });
    },
  };
}

function said(amounts: Amounts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, String(amount)]));
}
