/** How long a server may take to answer, unless a command is told. */
export const SERVER_TIMEOUT_MS = 10_000;
/** Resources that are listed in one request. */
export const LIST_PAGE = 1_000;
/** How often a change is tried again that somebody else came before. */
export const CHANGE_TRIES_MAX = 5;
/** How long a watch waits for a server that went away. */
export const WATCH_WAIT_MS = 60_000;
/** How often it looks then. */
export const WATCH_LOOK_EVERY_MS = 250;
/** How long an answer may take then. */
export const WATCH_LOOK_MS = 1_000;
/** How long a watch hears nothing, not even that nothing happened, before it takes its server to be gone. */
export const WATCH_SILENT_MS = 60_000;
/** Lines of a script. */
export const SCRIPT_LINES_MAX = 100_000;
/** Resources that the view of a watch shows; those that changed longest ago make room. */
export const WATCH_ROWS_MAX = 10_000;
