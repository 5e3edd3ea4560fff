/** Set for a run that another process of ours watches over. */
export const WATCHED = "ORRERY_WATCHED";

/** What a watched run tells the process that watches over it. */
export interface UpReport {
  readonly addresses: readonly string[];
  readonly http: string;
  readonly web: string;
}

/** Tells the process that watches over this one, if there is one, that everything runs. */
export function reportUp(report: UpReport): void {
  if (isWatched()) process.send?.(report);
}

/** Whether another process of ours watches over this one. */
export function isWatched(): boolean {
  return process.env[WATCHED] !== undefined && process.send !== undefined;
}
