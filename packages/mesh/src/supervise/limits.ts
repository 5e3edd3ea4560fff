/** Children that one supervisor may keep. */
export const CHILDREN_MAX = 256;
/** Groups that one specification may have. */
export const GROUPS_MAX = 64;
/** Letters of the name of a child or a group. */
export const NAME_LENGTH_MAX = 64;
/** Bytes of the JSON that says what a child runs. */
export const PROGRAM_BYTES_MAX = 64 * 1024;
/** Bytes of a state file. */
export const STATE_BYTES_MAX = 32 * 1024 * 1024;
/** Bytes of one line between a supervisor and a child. */
export const LINE_BYTES_MAX = 4 * 1024 * 1024;
/** Exits of a child that are remembered. */
export const EXITS_KEPT_MAX = 8;
/** Stretches of the window of memory of which the least is remembered. */
export const MEMORY_SLOTS = 48;
/** Parts that the window of memory samples is cut into; the least of each must be above the one before to count as growth. */
export const MEMORY_PARTS = 6;
/** How often a process is looked for again of which nobody could tell whether it runs. */
export const FIND_AGAIN_MS = 5_000;
/** Failed exits within `RESTART_WINDOW_MS` after which a child, or the group that goes down with it, is given up. */
export const RESTARTS_MAX = 5;
/** Window in which failed exits count. */
export const RESTART_WINDOW_MS = 10_000;
/** Pause before the first restart. */
export const BACKOFF_MIN_MS = 100;
/** Longest pause before a restart. */
export const BACKOFF_MAX_MS = 10_000;
/** How long a child must have been ready for its next pause to be the first again. */
export const HEALTHY_MS = 30_000;
/** How long a child may take from its start until it is ready. */
export const START_MS = 30_000;
/** How often a child is asked whether it lives, and its memory and processor time are read. */
export const PING_EVERY_MS = 1_000;
/** Questions in a row without an answer after which a child counts as a zombie. */
export const MISSES_MAX = 5;
/** Share of a processor from which a child without an answer counts as spinning, not hanging. */
export const SPIN_SHARE = 0.5;
/** Memory that a child may hold. */
export const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;
/** A child whose memory grows steadily is replaced when it would reach its limit within this time. */
export const LEAK_AHEAD_MS = 10 * 60_000;
/** How long memory must have grown steadily to count as a leak. */
export const LEAK_WINDOW_MS = 5 * 60_000;
/** Pause between the end of routing to a child and its drain, in which what is on its way arrives. */
export const SETTLE_MS = 100;
/** How long a child may finish what it accepted. */
export const DRAIN_MS = 10_000;
/** How long a child may take to end after SIGTERM. */
export const TERM_MS = 2_000;
/** Pause between two SIGKILLs to a process that does not go away. */
export const KILL_AGAIN_MS = 1_000;
/** SIGKILLs after which a process that does not go away is told of, and left. */
export const KILLS_MAX = 10;
/** How long a child that was found again may take to answer the handshake before it is watched as one that does not answer. */
export const HANDSHAKE_MS = 2_000;
