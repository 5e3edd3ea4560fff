/** Ms for which a nonce is good. */
export const NONCE_MS = 60_000;

/** Nonces that were used and are remembered, each for as long as it is good. */
export const USED_NONCES_MAX = 100_000;

/** Artifacts of one service, and of one wallet there. */
export const KEPT_KEYS_MAX = 100_000;

/** Artifacts of one wallet. */
export const WALLET_KEYS_MAX = 10_000;

/** Letters of the policy of a key. */
export const KEY_POLICY_LETTERS_MAX = 262_144;

/** Manifests and images that a policy names. */
export const KEY_POLICY_ENTRIES_MAX = 1_024;

/** Entries of an audit that are kept for each artifact; the oldest go first. */
export const AUDIT_MAX = 1_000;

/** Letters of the text of one entry. */
export const AUDIT_LETTERS_MAX = 500;

/** Refusals that are written down in a minute: whoever asks in vain fills no disk. */
export const REFUSALS_PER_MINUTE = 600;

/** Lines after which the file is written anew without what is over. */
export const COMPACT_LINES = 20_000;
