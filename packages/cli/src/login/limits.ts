/** How long a login in a browser may take, in ms. */
export const BROWSER_WAIT_MS = 5 * 60_000;
