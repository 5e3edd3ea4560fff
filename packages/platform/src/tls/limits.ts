/** Hosts whose certificates are kept in memory; who was asked for least lately is read again. */
export const CERTIFICATES_MAX = 10_000;
/** Certificates that are ordered at once. */
export const ORDERS_MAX = 4;
/** Hosts that wait for an order; further ones are refused until some are done. */
export const ORDERS_WAITING_MAX = 200;
/** How long a connection waits for the certificate of its host. */
export const HANDSHAKE_WAIT_MS = 30_000;
/** How long one order may take. */
export const ORDER_TIMEOUT_MS = 120_000;
/** After an order that failed, how long until the next one; each time twice as long. */
export const ORDER_AGAIN_MS = 60_000;
/** The longest such wait. */
export const ORDER_AGAIN_MAX_MS = 86_400_000;
/** How often certificates are looked at, whether they are to be renewed. */
export const RENEW_LOOK_MS = 3_600_000;
/** Part of its life after which a certificate is renewed. */
export const RENEW_AFTER = 2 / 3;
/** How long a certificate of the own authority is good. */
export const OWN_LEAF_MS = 7 * 86_400_000;
/** How long that authority is. */
export const OWN_ROOT_MS = 10 * 365 * 86_400_000;
/** How often files of certificates are looked at, whether they changed. */
export const FILES_LOOK_MS = 10_000;
