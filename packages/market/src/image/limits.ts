/** Most bytes of an image's archive. */
export const ARCHIVE_BYTES_MAX = 1024 ** 3;
/** Most bytes of an image's files, unpacked. */
export const UNPACKED_BYTES_MAX = 4 * 1024 ** 3;
/** Most entries of an archive of tar, and of a folder that is packed. */
export const ENTRIES_MAX = 200_000;
/** Most bytes of a path in an archive. */
export const PATH_BYTES_MAX = 4_096;
/** Most layers of an image. */
export const LAYERS_MAX = 128;
/** Most bytes of a manifest, an index or a configuration. */
export const MANIFEST_BYTES_MAX = 4 * 1024 ** 2;
/** Most bytes of an `image.yaml`. */
export const IMAGE_FILE_BYTES_MAX = 64 * 1024;
/** Most words of an image's command, and most variables. */
export const IMAGE_WORDS_MAX = 256;
/** How long one answer of a registry may take, to its end, in ms. */
export const REGISTRY_WAIT_MS = 10 * 60_000;
