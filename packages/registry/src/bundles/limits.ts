/** Files and directories of one bundle, together. */
export const BUNDLE_ENTRIES_MAX = 10_000;
/** All files of one bundle together, unpacked, in bytes. */
export const BUNDLE_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** The archive of one bundle, in bytes. */
export const ARCHIVE_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Longest path inside a bundle, in bytes of UTF-8. */
export const BUNDLE_PATH_BYTES_MAX = 700;
/** Most names in one path. */
export const BUNDLE_DEPTH_MAX = 32;
/** The manifest of one bundle, in bytes of JSON. */
export const MANIFEST_BYTES_MAX = 16 * 1024 * 1024;
/** A `bundle.yaml`, in characters. */
export const BUNDLE_FILE_LENGTH_MAX = 64 * 1024;
/** Authors of one bundle. */
export const AUTHORS_MAX = 50;
/** Keywords of one bundle. */
export const KEYWORDS_MAX = 20;
/** Longest keyword, in characters. */
export const KEYWORD_LENGTH_MAX = 40;
/** Longest name of a bundle, in characters. */
export const BUNDLE_NAME_LENGTH_MAX = 100;
/** Longest description of a bundle, in characters. */
export const DESCRIPTION_LENGTH_MAX = 2_000;
/** Longest name of an author, in characters. */
export const AUTHOR_LENGTH_MAX = 200;
/** One piece of an archive, on its way in or out, in bytes. */
export const BUNDLE_PIECE_BYTES = 512 * 1024;
/** Archives that one agent may have on their way at once. */
export const UPLOADS_OF_PUBLISHER_MAX = 16;
/** Archives that were published of which is remembered who sent them. */
export const ARCHIVES_REMEMBERED = 1_024;
/** Files of a bundle that are written to the blobs at once; only those of one piece are. */
export const FILES_STORED_AT_ONCE = 16;
/** Moves of a tag that are remembered. */
export const TAG_MOVES_KEPT = 100;
/** Resources beside a resource among which are looked for those that name it. */
export const REFERRERS_MAX = 10_000;
/** Calls about bundles that one registry serves at once. */
export const BUNDLE_INSTANCES = 32;
/** How long a client waits until a version is made: all of its files are written, and its resources. */
export const PUBLISH_MS = 15 * 60_000;
