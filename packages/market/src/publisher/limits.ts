/** Leases that a publisher keeps records of, at most. */
export const LEASE_RECORDS_MAX = 10_000;
/** How long a provider may take to answer, in ms. */
export const ANSWER_TIMEOUT_MS = 30_000;
/** How long it may take to start a pod, or to change one, in ms. */
export const DEPLOY_TIMEOUT_MS = 180_000;
/** Lines of a ledger that are read at once: what a provider gives. */
export const LEDGER_PAGE = 1_000;
/** Pages of a ledger that are read in one go, at most. */
export const LEDGER_PAGES_MAX = 1_000;
/** Bytes of the text of a secret. */
export const SECRET_BYTES_MAX = 1024 * 1024;
/** How long a pod that is asked from outside may take to answer, in ms. */
export const POD_ASK_MS = 10_000;
/** How often a pod is asked from outside, in ms, where nothing else is said. */
export const POD_ASK_EVERY_MS = 60_000;
/** Bytes of an answer that are read: what a gateway says in place of a pod fits into them. */
export const POD_ANSWER_BYTES_MAX = 1_024;
