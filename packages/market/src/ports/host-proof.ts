import { OrreryError } from "@orrery/core";
import type { Account } from "../lease/terms.ts";

/** Finds the texts of a name in DNS. @throws where the name servers do not say; a name without texts has none */
export type LookupTexts = (name: string) => Promise<readonly string[]>;

/** Which hosts may be had without a proof. */
export interface HostRules {
  /** The provider's own domains: hosts below them are for whoever comes first. `*` stands for all, which is for trying things. */
  readonly free: readonly string[];
}

/** What has to stand in DNS for a host: the text of which name. */
export function proofOf(host: string, publisher: Account): { readonly name: string; readonly text: string } {
  return { name: `_orrery.${host}`, text: `wallet=${publisher.toLowerCase()}` };
}

/**
 * Looks whether hosts may be had by a wallet: they lie in a free domain, or DNS names the wallet.
 * @throws OrreryError `permission_denied` for a host that DNS does not give to the wallet, `unavailable` where DNS does not answer
 */
export async function proveHosts(
  hosts: readonly string[],
  {
    publisher,
    rules,
    lookup,
  }: { readonly publisher: Account; readonly rules: HostRules; readonly lookup: LookupTexts },
): Promise<void> {
  for (const host of hosts.filter((one) => !isFree(one, rules))) {
    const { name, text } = proofOf(host, publisher);
    const found = await lookup(name).catch((error: Error) => {
      throw new OrreryError("unavailable", `Cannot claim host "${host}": DNS does not tell the text of ${name}`, {
        cause: error,
      });
    });
    if (!found.some((one) => one.trim().toLowerCase() === text))
      throw new OrreryError(
        "permission_denied",
        `Cannot claim host "${host}": DNS does not give it to you; add the record ${name} TXT "${text}", or take a name below ${rules.free.join(", ") || "a domain of the provider, which has none"}`,
      );
  }
}

function isFree(host: string, { free }: HostRules): boolean {
  return free.some((domain) => domain === "*" || host.endsWith(`.${domain}`));
}
