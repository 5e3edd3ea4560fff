/** The most entries of one page. */
export const AUDIT_PAGE_MAX = 1_000;

/** Entries that are read at once where all are checked. */
export const AUDIT_CHECK_PAGE = 5_000;

/** Longest text of a field, in characters; what is longer is cut off. */
export const AUDIT_TEXT_MAX = 300;

/** Entries that are written at once. */
export const AUDIT_BATCH_MAX = 500;

/** Acts that may wait to be written: more are refused. */
export const AUDIT_WAITING_MAX = 10_000;

/** The most customers of one page. */
export const CUSTOMERS_PAGE_MAX = 1_000;
