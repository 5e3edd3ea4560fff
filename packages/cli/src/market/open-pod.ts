import type { Digest, ProviderDoor } from "@orrery/market";
import { leaseOf } from "./lease-words.ts";
import type { MarketContext } from "./open-market.ts";
import { providerOf } from "./provider-words.ts";

/** A pod that runs, at its provider. */
export interface OpenPod extends Disposable {
  readonly lease: Digest;
  readonly door: ProviderDoor;
}

/**
 * Opens the pod that is typed at its provider: by the record of its lease; or by the whole name of a lease and --provider, where this machine has no
 * record of it. The provider says who may.
 */
export async function openPod(context: MarketContext): Promise<OpenPod> {
  const { publisher, input } = context;
  const [word = ""] = input.words;
  const isName = /^0x[0-9a-f]{64}$/.test(word) && input.text("provider") !== undefined;
  const isKnown = !isName || (await publisher.leases()).some(({ lease }) => lease === word);
  const record = isKnown ? await leaseOf(context) : undefined;
  const door = record === undefined ? await providerOf(context) : await publisher.openFor(record);
  const lease = record?.lease ?? (word as Digest);
  return { lease, door, [Symbol.dispose]: () => door[Symbol.dispose]() };
}
