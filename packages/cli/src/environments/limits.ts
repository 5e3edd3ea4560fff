/** How long an access token must be good yet to be used, in ms: a call begins and ends within that. */
export const ACCESS_LEFT_MS = 30_000;
/** How long a command waits for another one that gets new tokens, in ms. */
export const REFRESH_WAIT_MS = 15_000;
/** How often it looks whether that one is done, in ms. */
export const REFRESH_LOOK_MS = 20;
