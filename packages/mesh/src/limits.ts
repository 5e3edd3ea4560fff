/** Largest static directory file, in bytes. */
export const DIRECTORY_BYTES_MAX = 4 * 1024 * 1024;
/** Components that one directory may name. */
export const DIRECTORY_COMPONENTS_MAX = 10_000;
/** Addresses that one component may have. */
export const DIRECTORY_ADDRESSES_MAX = 1_000;
/** Component files that one folder may hold. */
export const FOLDER_FILES_MAX = 1_000;
/** Processes that one launch may start. */
export const PROCESSES_MAX = 256;
/** Crashes of one process within `PROCESS_WINDOW_MS` after which it is not started again. */
export const PROCESS_CRASHES_MAX = 5;
/** Window in which `PROCESS_CRASHES_MAX` counts. */
export const PROCESS_WINDOW_MS = 10_000;
/** Pause before a crashed process is started again; it doubles with every crash, and chance takes off up to half of it. */
export const RESTART_DELAY_MIN_MS = 100;
/** Longest pause before a crashed process is started again. */
export const RESTART_DELAY_MAX_MS = 2_000;
/** How long a process may take from its start until it is ready, while no debugger holds it. */
export const PROCESS_START_MS_MAX = 120_000;
/** How long a process may answer nothing that no debugger holds, before another takes its place. */
export const PROCESS_SILENCE_MS_MAX = 30_000;
/** How long a process may take to stop beyond the time that it drains. */
export const PROCESS_STOP_GRACE_MS = 2_000;
/** Run files that one project may hold before the oldest are not read any more. */
export const RUN_FILES_MAX = 64;
/** Bytes after which a capture stops to grow. */
export const CAPTURE_BYTES_MAX = 256 * 1024 * 1024;
