import { refuseIf } from "./lease-error.ts";
import type { Account, Digest } from "./terms.ts";

/** Who provides, and where: what a provider says of itself. */
export interface ProviderEntry {
  readonly provider: Account;
  readonly url: string;
  /** Digest of its profile, which is at its address. */
  readonly profile: Digest;
}

/** Most bytes of an address. */
export const URL_BYTES_MAX = 256;

/** Who provides, as `contracts/src/ProviderRegistry.sol` keeps it: the last takes the place of one that leaves. */
export class ProviderRegistryModel {
  readonly #all: ProviderEntry[] = [];

  register({ url, profile }: Omit<ProviderEntry, "provider">, caller: Account): void {
    const bytes = new TextEncoder().encode(url).length;
    refuseIf(bytes === 0 || bytes > URL_BYTES_MAX, "BadUrl");
    const at = this.#indexOf(caller);
    this.#all.splice(at < 0 ? this.#all.length : at, 1, { provider: caller, url, profile });
  }

  unregister(caller: Account): void {
    const at = this.#indexOf(caller);
    refuseIf(at < 0, "NotRegistered");
    const last = this.#all.pop();
    if (last !== undefined && at < this.#all.length) this.#all[at] = last;
  }

  /** All of them, in the order of the contract. */
  all(): readonly ProviderEntry[] {
    return [...this.#all];
  }

  #indexOf(caller: Account): number {
    return this.#all.findIndex(({ provider }) => provider === caller);
  }
}
