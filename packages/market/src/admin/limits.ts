/** Most bytes of what the page sends. */
export const ADMIN_BODY_BYTES_MAX = 4_096;
/** Lines of the audit that are kept in memory and shown. */
export const ADMIN_AUDIT_SHOWN = 50;
/** Most bytes of the audit's file; it is then put aside in the place of the one before. */
export const ADMIN_AUDIT_BYTES_MAX = 4 * 1024 * 1024;
/** How often the page looks anew, in seconds. */
export const ADMIN_REFRESH_S = 5;
/** Alerts that are shown. */
export const ADMIN_ALERTS_SHOWN = 50;
