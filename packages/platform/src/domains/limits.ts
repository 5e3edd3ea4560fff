/** Domains of one Space. */
export const DOMAINS_MAX = 100;
/** How often the DNS is asked for the proof of a domain that has none yet. */
export const PROOF_LOOK_MS = 60_000;
/** How long one answer of the DNS may take. */
export const DNS_TIMEOUT_MS = 3_000;
/** Texts of one name that are looked at. */
export const DNS_TEXTS_MAX = 100;
