/** Largest static directory file, in bytes. */
export const DIRECTORY_BYTES_MAX = 4 * 1024 * 1024;
/** Components that one directory may name. */
export const DIRECTORY_COMPONENTS_MAX = 10_000;
/** Addresses that one component may have. */
export const DIRECTORY_ADDRESSES_MAX = 1_000;
