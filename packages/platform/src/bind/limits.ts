/** Bytes of a bind's document. */
export const BIND_BYTES_MAX = 256 * 1024;
/** Routes of one bind. */
export const ROUTES_MAX = 1_000;
/** Parts of one path pattern. */
export const PATTERN_PARTS_MAX = 32;
/** Origins that one rule for pages of other sites names. */
export const ORIGINS_MAX = 100;
/** How long a browser need not ask again whether a page of another site may call, where the bind does not say. */
export const PREFLIGHT_AGE_MS = 7_200_000;
/** Header fields that a bind, or one of its routes, may add. */
export const ADDED_HEADERS_MAX = 50;
/** How long an answer may take to begin, and from one piece to the next, where the bind does not say. */
export const ROUTE_TIMEOUT_MS = 30_000;
/** The same, at most. */
export const ROUTE_TIMEOUT_MAX_MS = 3_600_000;
/** Bytes of a request's body where the bind does not say. */
export const ROUTE_BODY_BYTES = 1024 * 1024;
/** The same, at most, for a service, which is handed the body whole. */
export const SERVICE_BODY_BYTES_MAX = 32 * 1024 * 1024;
/** The same, at most, for an upstream, to which it goes as it comes. */
export const ROUTE_BODY_BYTES_MAX = 16 * 1024 ** 3;
/** Most requests a second that a rate may name. */
export const RATE_MAX = 1_000_000;
