/** Shortest password of a wallet. */
export const WALLET_PASSWORD_LENGTH_MIN = 8;
/** Bytes of the file of a wallet. */
export const WALLET_FILE_BYTES_MAX = 64 * 1024;
/** Bytes of a request to a bench. */
export const BENCH_REQUEST_BYTES_MAX = 64 * 1024;
/** Providers of a bench. */
export const BENCH_PROVIDERS_MAX = 16;
/** Seconds by which the clock of a bench moves at once, at most: a year. */
export const BENCH_MOVE_S_MAX = 366 * 86_400;
/** How long a bench waits for what goes on in it, before its clock moves on, in ms. */
export const BENCH_QUIET_MS = 10_000;
/** Seconds by which the clock of a bench moves in one step: a meter takes longer ones for a pause. */
export const BENCH_STEP_S = 60;
/** How long a provider may take to start a pod anew, or to change it, in ms. */
export const DEPLOY_WAIT_MS = 180_000;
/** Lines of a log that can be asked for by their number. */
export const LOG_LINES_MAX = 100_000;
/** How often whoever follows a lease of a bench looks, in ms: its clock moves when somebody wants it to. */
export const FOLLOW_BENCH_MS = 250;
/** How long the clock of a bench stands for whoever looks, at most, in ms. */
export const BENCH_HOLD_MS = 10_000;
/** Challenges that are answered, after which whoever follows a lease gives notice, at most. */
export const CHALLENGES_MAX = 1_000;
