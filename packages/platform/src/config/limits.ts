/** Longest path of config, in names. */
export const CONFIG_DEPTH_MAX = 32;
/** Longest name in a path, in characters. */
export const CONFIG_NAME_LENGTH_MAX = 128;
/** All of one scope together, in bytes of JSON; values that are set at once take no more. */
export const CONFIG_BYTES_MAX = 256 * 1024;
/** Values that one set changes. */
export const CONFIG_STEPS_MAX = 1_000;
/** Scopes of one Space. */
export const CONFIG_SCOPES_MAX = 256;
/** Changes of one scope that are kept. */
export const CONFIG_CHANGES_MAX = 1_000;
/** Bytes of the changes of one scope that are kept; the newest is kept in any case. */
export const CONFIG_CHANGES_BYTES_MAX = 4 * 1024 * 1024;
/** Changes in one page of a history, and those that are read at once. */
export const CONFIG_PAGE_MAX = 100;
/** After how long without a change a watch looks anew who it is for, and says that it goes on. */
export const CONFIG_QUIET_MS = 15_000;
/** How often a watch looks whether others wrote to the database, where they may. */
export const CONFIG_LOOK_MS = 1_000;
/** Requests about config that one node serves at once; watches are beside these. */
export const CONFIG_INSTANCES = 64;
