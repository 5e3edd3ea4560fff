/** How long it is gathered what was refused before it is written, in ms. */
export const REFUSALS_GATHER_MS = 1_000;

/** Refusals of different Spaces, limits and days that are gathered at once; of more, those are told to the log alone. */
export const REFUSALS_GATHERED_MAX = 10_000;

/** How long it is kept what was refused, in ms. */
export const REFUSALS_KEPT_MS = 30 * 86_400_000;

/** The most refusals of one page. */
export const REFUSALS_PAGE_MAX = 100;

/** Longest text of a refusal, in characters; what is longer is cut off. */
export const REFUSAL_TEXT_MAX = 500;

/** Spaces whose rates are counted; whose last request was longest ago is forgotten, and so has all its room again. */
export const RATED_SPACES_MAX = 100_000;
