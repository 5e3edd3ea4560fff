import type { OperationOutcome } from "./operation.ts";

/** One operation as it is drawn. */
export interface TimelineBar {
  readonly label: string;
  readonly process: number;
  readonly callAt: number;
  readonly returnAt: number;
  readonly outcome: OperationOutcome;
  readonly isMarked: boolean;
  /** Its place in the order, from 1. */
  readonly place: number | undefined;
}

/** A time as it stands in a picture. */
export function timeText(time: number): string {
  return Number.isInteger(time) ? String(time) : time.toFixed(3);
}
