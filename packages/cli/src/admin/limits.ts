/** Acts that are shown where nobody says how many. */
export const AUDIT_LINES = 100;

/** Acts that are asked for at once. */
export const AUDIT_PAGE = 1_000;
