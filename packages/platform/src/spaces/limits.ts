/** How long it takes until what removed Spaces left is swept again, where it could not be. */
export const SPACE_SWEEP_AGAIN_MS = 5_000;

/** When what was written late of a Space that is gone is taken away too, in ms. */
export const SPACE_REMAINS_AGAIN_MS = 60_000;

/** How long the history of changes keeps those of a Space that is gone, in ms: who watches from before lists anew. */
export const SPACE_HISTORY_MS = 86_400_000;

/** Ways into Spaces that are kept until the registry is written. */
export const SPACES_KNOWN_MAX = 10_000;
