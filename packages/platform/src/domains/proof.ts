/** The record by which whoever has a domain proves it. */
export interface ProofRecord {
  readonly name: string;
  readonly text: string;
}

/** The record that is asked for: of a name below the domain, so that nothing else of it is touched. */
export function proofOf(domain: string, token: string): ProofRecord {
  return { name: `_orrery-challenge.${domain}`, text: `orrery-domain=${token}` };
}

/** Why a name can be no domain of one's own; undefined where it can. */
export function whyNoDomain(domain: string): string | undefined {
  if (!domain.includes(".")) return "it has no dot, name a whole domain such as shop.example.com";
  if (/^[\d.]+$/.test(domain)) return "it is an address, name a domain such as shop.example.com";
  return domain.length > 253 ? "it is longer than 253 letters" : undefined;
}
