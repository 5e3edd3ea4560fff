/** Operations of one recorded history. */
export const HISTORY_OPERATIONS_MAX = 1_000_000;

/** Steps of the model that a check of linearizability takes, where it does not say: some seconds. */
export const LINEARIZABILITY_STEPS_MAX = 5_000_000;

/** Steps after which a check with a limit of time looks at the clock. */
export const STEPS_PER_LOOK = 1_024;

/** Operations that an explanation shows before and beside the one that cannot be placed. */
export const EXPLAINED_OPERATIONS_MAX = 24;

/** Transactions of a strongly connected component from which a shortest cycle is sought. */
export const CYCLE_STARTS_MAX = 256;

/** Operations of one timeline: more is no picture any more. */
export const TIMELINE_OPERATIONS_MAX = 2_000;
