/** Largest message, in bytes of what it says. */
export const BROKER_BYTES_MAX = 64 * 1024;
/** Headers of a message together, in bytes of JSON. */
export const BROKER_HEADERS_BYTES_MAX = 4 * 1024;
/** Messages that wait for one subscriber; those that come then pass it by. */
export const BROKER_WAITING_MAX = 256;
/** Subscribers of one Space at one platform. */
export const SUBSCRIBERS_MAX = 10_000;
/** Calls that one platform serves at once; subscriptions are beside these. */
export const BROKER_INSTANCES = 64;
