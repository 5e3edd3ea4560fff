/**
 * Whether a provider takes new pods, as its operator said last: it does; it does not, and what runs goes on; or it does not, and notice is given for
 * whatever runs. It is kept, so that a restart takes nothing back of it.
 */
export interface Intake {
  readonly version: 1;
  readonly kind: "open" | "paused" | "draining";
}

/** Why a provider takes no new pods; empty where it does. */
export function closedBy({ kind }: Intake): string {
  return CLOSED[kind];
}

const CLOSED: Readonly<Record<Intake["kind"], string>> = {
  open: "",
  paused: "paused by its operator",
  draining: "it is being drained",
};
