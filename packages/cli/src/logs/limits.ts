/** How often it is looked whether a log level is obeyed, in ms. */
export const LOG_OBEYED_LOOK_MS = 20;
