/** How long it takes until what removed Spaces left is swept again, where it could not be. */
export const SPACE_SWEEP_AGAIN_MS = 5_000;
