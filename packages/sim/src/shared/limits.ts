/** Longest window, in ticks, where no other member bounds it: so often is a member asked whether to stop. */
export const WINDOW_TICKS_MAX = 1_000_000;

/** Windows that members run before they report to the coordinator. */
export const WINDOWS_PER_GRANT = 1_024;

/** Windows of one member that may wait for another to take them. A member is at most one window ahead, so two would do. */
export const WINDOWS_WAITING_MAX = 4;

/** How long a member may do nothing of which anything is seen, in ms of the machine, before it counts as stalled. */
export const STALL_MS = 30_000;

/** How long a member may take to say where it stands, in ms of the machine. */
export const PROBE_MS = 1_000;
