/** Shortest password of a wallet. */
export const WALLET_PASSWORD_LENGTH_MIN = 8;
/** Bytes of the file of a wallet. */
export const WALLET_FILE_BYTES_MAX = 64 * 1024;
