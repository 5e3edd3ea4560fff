/** Files that one version of a component may have. */
export const RELEASE_FILES_MAX = 2_000;
/** Bytes of one file of a version. */
export const RELEASE_FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of all files of a version. */
export const RELEASE_BYTES_MAX = 64 * 1024 * 1024;
/** Letters of the path of a file of a version. */
export const RELEASE_PATH_MAX = 512;
/** Components that one host may run. */
export const HOST_COMPONENTS_MAX = 128;
/** Bytes of a `host.yaml`. */
export const HOST_FILE_BYTES_MAX = 256 * 1024;
/** Versions that a host keeps beside those that run, the newest. */
export const RELEASES_KEPT_MAX = 16;
/** How often a host looks whether its folder is otherwise than before. */
export const FOLDER_LOOK_MS = 500;
/** From its goodbye until a process takes no more calls: so long the news may take to all who call it. */
export const GOODBYE_MS = 250;
/** Places of which a process counts how its calls ended. */
export const COUNTED_PLACES_MAX = 4_096;
/** Plans that wait at once to be asked of a host. */
export const HOST_INSTANCES = 16;
/** Hosts that one roll-out may take in. */
export const HOSTS_MAX = 1_024;
/** Processes of a host, over all components. */
export const HOST_PROCESSES_MAX = 256;
/** How often a process whose component is sized looks at its queues, in ms. */
export const QUEUE_LOOK_MS = 20;
/** How often it tells of them while nothing changes, in ms. */
export const QUEUE_TOLD_MS = 500;
/** How long it counts as idle what a process said that is not heard again: a busy event loop cannot tell, in ms. */
export const IDLE_TOLD_MS = 1_500;
/** The least time between two looks at sizes that news of processes lead to, in ms. */
export const SIZE_LOOK_MS = 5;
/** How long more processes may take to be ready, in ms. */
export const SIZE_START_MS = 30_000;
/** How often a process looks which of its log lines are wanted, where it cannot be told, in ms. */
export const LEVEL_LOOK_MS = 250;
