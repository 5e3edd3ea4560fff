/** Most bytes of what the page sends: a pod file, or a compose file, as a form has it. */
export const POD_PAGE_BODY_BYTES_MAX = 1024 * 1024;
/** Files of a folder that are looked at, and pods that are shown. */
export const POD_PAGE_SHOWN_MAX = 100;
/** How long one pod may take to be looked at, before it is shown as it was known, in ms. */
export const POD_LOOK_MS = 5_000;
/** How often the page looks anew at pods, in seconds. */
export const POD_REFRESH_S = 5;
/** How often it looks at what is under way, in seconds. */
export const TASK_REFRESH_S = 0.3;
/** Things that are under way at once, at most. */
export const TASKS_RUNNING_MAX = 16;
/** Things that were done and are kept, with what came of them. */
export const TASKS_KEPT_MAX = 64;
/** Those of them that hold images of a pod, at most: of the oldest nothing is kept any more. */
export const TASKS_LARGE_MAX = 4;
/** Steps that are kept of one of them. */
export const TASK_STEPS_MAX = 100;
/** Lines of a log that are shown at first. */
export const LOG_LINES_SHOWN = 100;
/** Events of a pod that are shown. */
export const EVENTS_SHOWN_MAX = 50;
