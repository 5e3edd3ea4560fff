import { Resolver } from "node:dns/promises";
import type { LookupTexts } from "./host-proof.ts";
import { HOST_PROOF_MS } from "./limits.ts";

/** Asks the name servers of this machine, or those that are named, as `host:port`. */
export function createLookupTexts({ servers }: { readonly servers?: readonly string[] } = {}): LookupTexts {
  return async (name) => {
    const resolver = new Resolver({ timeout: HOST_PROOF_MS, tries: 1 });
    if (servers !== undefined) resolver.setServers(servers);
    try {
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
    } catch (error) {
      if (["ENOTFOUND", "ENODATA"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
      throw error;
    }
  };
}
