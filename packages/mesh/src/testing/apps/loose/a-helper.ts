/** Exports no component. */
export const HELP = "passed over";
