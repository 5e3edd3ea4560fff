import { OrreryError } from "@orrery/core";
import { STATE_BYTES_MAX } from "./limits.ts";
import type { ProcessRecord } from "./process-control.ts";
import type { SuperviseSpec } from "./spec.ts";

/** What outlives a supervisor. */
export interface SuperviseState {
  readonly version: 1;
  /** What was applied last. */
  readonly spec: SuperviseSpec;
  /** Processes that were started, or were about to be, and have not been seen to end. */
  readonly processes: readonly ProcessRecord[];
}

/** Where a supervisor keeps its state. The machine's is `createStateFile`. */
export interface StateStore {
  /** Undefined when nothing was ever kept. @throws OrreryError `data_loss` when it cannot be read. */
  load(): Promise<SuperviseState | undefined>;
  /** Puts it in the place of what was kept: all of it, or nothing. Done when the call returns. */
  save(state: SuperviseState): void;
}

/** Writes a state as text. */
export function printState(state: SuperviseState): string {
  return `${JSON.stringify(state)}\n`;
}

/** Reads a state. @throws OrreryError `data_loss` when it is none. */
export function parseState(text: string, file: string): SuperviseState {
  if (text.length > STATE_BYTES_MAX) throw unreadable(file, `it is longer than ${STATE_BYTES_MAX} bytes`);
  let state: Partial<SuperviseState> | null;
  try {
    state = JSON.parse(text) as Partial<SuperviseState> | null;
  } catch {
    throw unreadable(file, "it is no JSON");
  }
  if (state?.version !== 1) throw unreadable(file, "it is not of version 1");
  const { spec, processes } = state;
  if (!Array.isArray(spec?.groups) || !Array.isArray(processes) || !processes.every(isRecord))
    throw unreadable(file, "something is missing in it");
  return { version: 1, spec: spec as SuperviseSpec, processes };
}

function isRecord(value: unknown): value is ProcessRecord {
  const { child, token, pid, started } = (value ?? {}) as Partial<ProcessRecord>;
  return (
    typeof child === "string" &&
    typeof token === "string" &&
    token !== "" &&
    typeof started === "string" &&
    Number.isSafeInteger(pid) &&
    Number(pid) >= 0
  );
}

function unreadable(file: string, why: string): OrreryError {
  const text = `Cannot read supervisor state "${file}": ${why}; processes may run that it named, end them and take the file away`;
  return new OrreryError("data_loss", text);
}
