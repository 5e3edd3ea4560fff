/** Places whose calls one node judges: for each group of methods and each way it has used. Those over it are not judged. */
export const CIRCUITS_MAX = 65_536;
/** How long a place that nobody calls is remembered. */
export const CIRCUIT_FORGET_MS = 600_000;
/** How often it is looked which ways may be forgotten; at once those whose links were given up. */
export const CIRCUIT_SWEEP_MS = 30_000;
/** Parts of a window of calls: so much of it is forgotten at once. */
export const WINDOW_PARTS = 5;
/** Rules of one kind. */
export const RULES_MAX = 1_024;
/** Flows and methods whose rules a node remembers; over it, they are looked up anew. */
export const MATCHES_MAX = 4_096;
/** Nodes that share one flow's rate. */
export const SHARERS_MAX = 4_096;
/** Longest time that a rule may name: an hour. */
export const RULE_TIME_MAX_MS = 3_600_000;
