/** Most add-ons of a provider. */
export const ADDONS_MAX = 16;
/** Most bytes of an add-on's file. */
export const ADDON_FILE_BYTES_MAX = 64 * 1024;
/** Most bytes of what an add-on sends. */
export const ADDON_BODY_BYTES_MAX = 16 * 1024;
/** Longest time for which an add-on's offers are good, in seconds. */
export const OFFER_S_MAX = 86_400;
/** Most offers that an add-on may sign in an hour. */
export const OFFERS_PER_HOUR_MAX = 3_600;
