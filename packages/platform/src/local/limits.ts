/** Changes that are kept over a restart where there is no platform; whoever watches from before looks at all anew. */
export const KEPT_CHANGES_MAX = 1_000;
/** Calls of mechtrons that are answered at a time where there is no platform; more wait. */
export const GUEST_CALL_INSTANCES = 16;
/** Calls of a service of resources that are answered at a time where there is no platform; more wait. */
export const SERVED_INSTANCES = 8;
