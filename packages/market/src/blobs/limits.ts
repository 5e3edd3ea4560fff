/** Bytes of one part of a blob. */
export const PART_BYTES_MAX = 1024 ** 2;

/** Bytes of one blob: the longest artifact, with what sealing adds. */
export const BLOB_BYTES_MAX = 2 * 1024 ** 3 + 1024 ** 2;

/** Digests in one question for what is missing. */
export const MISSING_MAX = 256;

/** Bytes that one wallet has in a store, unless whoever runs it says otherwise. */
export const WALLET_BYTES_DEFAULT = 10 * 1024 ** 3;

/** Bytes of a store, unless whoever runs it says otherwise. */
export const STORE_BYTES_DEFAULT = 100 * 1024 ** 3;

/** Uploads of one wallet that are under way. */
export const UPLOADS_MAX = 32;

/** Ms after which an upload that nothing came for is forgotten. */
export const UPLOAD_REST_MS = 24 * 3_600_000;

/** How often such uploads are looked for, in ms: before another begins. */
export const SWEEP_EVERY_MS = 600_000;
