import { OrreryError } from "@orrery/core";
import type { AppInstance } from "./app.ts";
import {
  PROCESS_CRASHES_MAX,
  PROCESS_SILENCE_MS_MAX,
  PROCESS_START_MS_MAX,
  PROCESS_STOP_GRACE_MS,
  PROCESS_WINDOW_MS,
  PROCESSES_MAX,
  RESTART_DELAY_MAX_MS,
  RESTART_DELAY_MIN_MS,
} from "./limits.ts";
import type { FoundComponent, FromProcess } from "./process-messages.ts";
import type { AttachedProgram } from "./supervise/attached-control.ts";
import { PING_EVERY_MS } from "./supervise/limits.ts";
import type { KeepRules } from "./supervise/spec.ts";
import type { ChildStatus, SuperviseEvent } from "./supervise/supervise.ts";

/** How processes of a launch are kept; memory is theirs. */
export const LAUNCH_RULES: Partial<KeepRules> = {
  restartsMax: PROCESS_CRASHES_MAX,
  windowMs: PROCESS_WINDOW_MS,
  backoffMinMs: RESTART_DELAY_MIN_MS,
  backoffMaxMs: RESTART_DELAY_MAX_MS,
  startMs: PROCESS_START_MS_MAX,
  missesMax: PROCESS_SILENCE_MS_MAX / PING_EVERY_MS,
  memoryBytesMax: Number.MAX_SAFE_INTEGER,
  leakAheadMs: 0,
  settleMs: 0, // Callers hear from the process itself that it drains.
  termMs: PROCESS_STOP_GRACE_MS,
};

/** What is known of one child. I1: `isBound` only while its process of now has opened its address. */
export interface KeptProcess {
  readonly child: string;
  readonly program: AttachedProgram;
  /** Undefined until its process has said what is in its files, and been told what to serve. */
  placed?: PlacedInstance;
  isBound: boolean;
  /** Whether any process of it was ever ready: what then fails to start is tried again. */
  wasReady: boolean;
  /** Where it is reached; the next process tries for the same. */
  address: string;
  failed?: Extract<FromProcess, { kind: "failed" }>;
  /** A crash that has not been told, for it may be the last. */
  crashed?: SuperviseEvent;
}

/** What it serves. */
export interface PlacedInstance {
  readonly found: FoundComponent;
  readonly slot: number;
}

/** Where an instance stands, in the words of an `App`. */
export function stateOf({ state, exits }: ChildStatus): AppInstance["state"] {
  switch (state) {
    case "ready":
      return "ready";
    case "given-up":
    case "finished":
      return "failed";
    case "checking":
    case "preparing":
    case "starting":
      return "starting";
    default:
      return exits.length === 0 ? "starting" : "restarting";
  }
}

/**
 * Checks that there is room for as many processes.
 * @throws OrreryError `resource_exhausted` for too many, `invalid_argument` for one port that several would open
 */
export function assertFits(counts: readonly number[], listen: string): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > PROCESSES_MAX) {
    const text = `Cannot start ${total} processes: the limit is ${PROCESSES_MAX}, run fewer instances`;
    throw new OrreryError("resource_exhausted", text);
  }
  if (total > 1 && !listen.endsWith(":0")) {
    const text = `Cannot open "${listen}" in ${total} processes: write port 0, so that each gets one of its own`;
    throw new OrreryError("invalid_argument", text);
  }
}
