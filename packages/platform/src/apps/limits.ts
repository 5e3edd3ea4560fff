/** Bytes of an `orrery.yaml`. */
export const APP_FILE_BYTES_MAX = 256 * 1024;
/** Components of one app. */
export const APP_COMPONENTS_MAX = 64;
/** Processes of one component of an app. */
export const APP_INSTANCES_MAX = 64;
/** Resources that one app may require. */
export const APP_REQUIRES_MAX = 100;
/** Variables, and secrets, of one app. */
export const APP_VARIABLES_MAX = 200;
/** Bytes of a variable's value. */
export const APP_VARIABLE_BYTES_MAX = 32 * 1024;
