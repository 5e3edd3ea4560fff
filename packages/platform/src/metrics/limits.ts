/** Apps whose metrics are read at once for one page of all. */
export const METRICS_APPS_AT_ONCE = 4;
