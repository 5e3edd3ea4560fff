/** Where commands look for what `orrery up` runs, unless they are told. */
export const UP_PORT = 7700;
/** Where it answers HTTP, unless it is told. */
export const UP_HTTP_PORT = 7701;
/** Where it answers for spaces, by their hosts, unless it is told. */
export const UP_WEB_PORT = 7780;
/** How long what was accepted may take to be finished when it ends. */
export const UP_STOP_MS = 10_000;
/** How long it waits for another one over its folder to end, in ms. */
export const UP_FOLDER_MS = 3_000;
/** How often it looks whether that one has ended, in ms. */
export const UP_FOLDER_LOOK_MS = 50;
/** Port of visitors by TLS. */
export const UP_TLS_PORT = 7743;
/** Directory of ACME where none is named: that of Let's Encrypt. */
export const ACME_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";

/** The longest file of profiles, in bytes. */
export const PROFILE_FILE_BYTES_MAX = 262_144;

/** The most profiles. */
export const PROFILES_MAX = 100;
