/** Bytes of a form of a login. */
export const FORM_BYTES_MAX = 8 * 1024;
/** How long a login at an issuer may take, in seconds. */
export const OIDC_LASTS_S = 600;
/** How long the form of a login may stay open, in seconds. */
export const FORM_LASTS_S = 3_600;
/** How old an id token of an issuer may be by which a command logs in, in s. */
export const ID_TOKEN_AGE_S = 300;
