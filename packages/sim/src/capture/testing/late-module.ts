/** Loaded by a test while a world runs. */
export const late: string = "imported";
