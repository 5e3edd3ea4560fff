/** Seconds that a wallet's token is good for at most. */
export const TOKEN_S_MAX = 60;
/** Seconds that the clocks of a wallet and of whom it asks may differ by. */
export const TOKEN_SKEW_S = 30;
/** Tokens that are remembered at once, so that none is taken twice; each for as long as it is good. */
export const NONCES_MAX = 100_000;
/** Characters of a token. */
export const TOKEN_CHARS_MAX = 2_048;
