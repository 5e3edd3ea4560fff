/** How long a backup hears nothing before it takes its server to be gone: a snapshot of a large registry takes its time. */
export const BACKUP_SILENT_MS = 10 * 60_000;
/** Pieces of 1 MiB that are asked for ahead. */
export const BACKUP_PIECES_AHEAD = 8;
/** How long a rotation may take: every secret is closed anew. */
export const ROTATE_TIMEOUT_MS = 60 * 60_000;
