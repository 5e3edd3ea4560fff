/** Longest address as text, in characters. */
export const ADDRESS_LENGTH_MAX = 1_024;
/** Most segments of one address. */
export const SEGMENTS_MAX = 16;
/** Longest name in a path, in bytes of UTF-8, as common file systems have it. */
export const PATH_PART_BYTES_MAX = 255;
/** All properties of one resource together, in bytes of JSON. */
export const PROPERTIES_BYTES_MAX = 64 * 1024;
/** Sessions with a PostgreSQL server at once. */
export const SESSIONS_MAX = 8;
/** How long until a session that hears notifications is opened again when it broke. */
export const LISTEN_AGAIN_MS = 500;
/** Longest way from a resource over its owner, and that one's owner, to a User or an operator. */
export const OWNER_STEPS_MAX = 8;
/** Resources that pass to an app's owner when the app is removed; an app that owns more is not removed before they are given away. */
export const PASSED_ON_MAX = 1_000;
/** Resources that `fsck owners` names of those whose owner is nobody. */
export const BROKEN_OWNERS_TOLD = 1_000;
/** Writes that wait while others are under way. */
export const WRITES_WAITING_MAX = 10_000;
/** Writes in one transaction. */
export const BATCH_WRITES_MAX = 256;
/** Changes from which on a transaction takes no further write. */
export const BATCH_CHANGES_MAX = 1_024;
/** How often a transaction is tried when others write to the same database. */
export const COMMIT_TRIES_MAX = 16;
/** How often a database is asked what became of a transaction that gave no answer. */
export const RECOVER_TRIES_MAX = 20;
/** How long between two such questions. */
export const RECOVER_EVERY_MS = 500;
/** How long the name of a request is remembered. */
export const REQUEST_KEPT_MS = 24 * 3_600_000;
/** How long a lock lasts at least. */
export const LOCK_MS_MIN = 100;
/** How long a lock lasts at most. */
export const LOCK_MS_MAX = 24 * 3_600_000;
/** Resources that one removal may take along. */
export const REMOVED_AT_ONCE_MAX = 10_000;
/** Changes that are kept in memory at least, once so many were made; older ones are read from the database. */
export const FEED_KEPT_MAX = 4_096;
/** Changes that are read at once. */
export const FEED_PAGE_MAX = 512;
/** Resources in one page of a list. */
export const PAGE_MAX = 1_000;
/** Resources kept in memory, so that reading them asks nobody. */
export const CACHED_RESOURCES = 100_000;
/** Addresses of which is kept in memory that nothing is there. */
export const MISSING_KEPT_MAX = 10_000;
/** Longest name of a request. */
export const REQUEST_ID_LENGTH_MAX = 128;
/** How often a registry looks whether others wrote to its database, where nothing tells it. */
export const LOOK_EVERY_MS = 1_000;
/** Places whose bytes of content are kept in memory, of quotas that something was written under. */
export const STORED_PLACES_KEPT = 10_000;
/** How long what is counted of usage stays in memory alone: what an end without warning loses. */
export const USAGE_FLUSH_MS = 2_000;
/** Addresses whose usage is counted apart between two writes; what is used at others counts for their spaces. */
export const USAGE_PLACES_MAX = 10_000;
/** Changes whose bytes are counted in one transaction. */
export const USAGE_CHANGES_MAX = 10_000;
/** How long it is known who wrote usage last: a write that gave no answer is asked again within. */
export const USAGE_WRITER_KEPT_MS = 24 * 3_600_000;
/** Parts of usage in one answer. */
export const USAGE_PAGE_MAX = 1_000;
/** Calls that one registry serves at once; watches are beside these. */
export const REGISTRY_INSTANCES = 64;
/** How long a managed PostgreSQL may take to start. */
export const POSTGRES_START_MS = 60_000;
/** How long it waits before it starts one again that may not begin yet. */
export const POSTGRES_AGAIN_MS = 250;
/** How long it may take to end after each signal. */
export const POSTGRES_STOP_MS = 20_000;
/** How often it is asked whether it is ready, or gone. */
export const POSTGRES_ASK_EVERY_MS = 20;
/** After how long without a change a watch says that it is still there. */
export const WATCH_QUIET_MS = 20_000;
/** Bytes of one piece of a file or blob: as it is sent, and as it is read. */
export const PIECE_BYTES_MAX = 1024 * 1024;
/** Largest note that a store keeps beside an upload, in characters. */
export const UPLOAD_NOTE_MAX = 4_096;
/** Parts of a large blob on its way to an S3 store; they are larger where there would be more than so many. */
export const S3_PART_BYTES = 8 * 1024 * 1024;
/** Most parts of one blob. */
export const S3_PARTS_MAX = 10_000;
/** Largest file, where a registry's files say nothing else. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024 * 1024;
/** Uploads under way at once, of all agents. */
export const UPLOADS_OPEN_MAX = 1_024;
/** Uploads of one agent under way at once. */
export const UPLOADS_OF_AGENT_MAX = 128;
/** How long an upload may rest before it is swept. */
export const UPLOAD_KEPT_MS = 24 * 3_600_000;
/** How long bytes are kept that no resource refers to. */
export const BLOB_GRACE_MS = 24 * 3_600_000;
/** How often a registry's files are swept. */
export const SWEEP_EVERY_MS = 6 * 3_600_000;
/** Blobs that one sweep looks at, before it begins with the next. */
export const SWEEP_BLOBS_MAX = 100_000;
/** Uploads, downloads and other requests about files that one registry serves at once. */
export const FILE_INSTANCES = 64;
/** How long a client tries again before it gives up, where it gets no further. */
export const TRANSFER_PATIENCE_MS = 5 * 60_000;
/** How long a client waits before it tries again. */
export const TRANSFER_RETRY_MS = 250;
/** How long one piece may take to be answered. */
export const TRANSFER_PIECE_MS = 30_000;
/** How long the end of an upload may take: a server that was started anew reads all of it. */
export const TRANSFER_FINISH_MS = 15 * 60_000;
/** How often a backup takes its snapshot anew where bytes went that it names. */
export const SNAPSHOT_TRIES_MAX = 3;
/** Longest manifest of a backup, in bytes: ten million blobs. */
export const BACKUP_MANIFEST_BYTES_MAX = 2 * 1024 * 1024 * 1024;
/** Rows that a restore writes at once. */
export const RESTORE_ROWS = 500;
/** How soon a driver looks again at a resource where something went wrong, in ms; each time later, up to the next. */
export const DRIVE_AGAIN_MIN_MS = 200;
/** The same, at most, in ms. */
export const DRIVE_AGAIN_MAX_MS = 30_000;
/** Largest message to a broadcast, in bytes of JSON. */
export const BROADCAST_MESSAGE_BYTES_MAX = 64 * 1024;
/** Longest name of a message to a broadcast, in characters. */
export const BROADCAST_METHOD_LENGTH_MAX = 128;
/** Watchers of one broadcast. */
export const BROADCAST_WATCHERS_MAX = 10_000;
/** Messages that wait for one watcher; those that come then pass it by. */
export const BROADCAST_WAITING_MAX = 256;
/** Messages that one registry relays at once; watchers are beside these. */
export const BROADCAST_INSTANCES = 64;
/** Bytes of a file of kinds. */
export const KIND_FILE_BYTES_MAX = 256 * 1024;
/** Kinds in one file. */
export const FILE_KINDS_MAX = 100;
/** Properties of a kind that came from a file. */
export const KIND_PROPERTIES_MAX = 100;
/** States in the life of a kind that came from a file. */
export const KIND_STATES_MAX = 50;
/** Kinds that one from a file may lie in. */
export const KIND_PARENTS_MAX = 50;
/** Characters of a line that says what a kind or a property of a file is. */
export const KIND_SUMMARY_LENGTH_MAX = 200;
/** Values of a property that a kind from a file may have remembered. */
export const REMEMBERED_MAX = 100;
