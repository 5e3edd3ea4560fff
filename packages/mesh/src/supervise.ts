/** A supervisor of processes on one machine: starts them, tells zombies apart, replaces them, and outlives its own death. */
export type { Blanks } from "./supervise/blanks.ts";
export type { ComponentProgram, KeysPlace, LogLevelPlace } from "./supervise/component-child.ts";
export type { CagedEnd, CagedProcess, CageLimits, CageSpec, Isolation, ProcessStart } from "./supervise/isolation.ts";
export { type CanaryBudget, type CanaryVerdict, judgeCanary, type VersionCalls } from "./supervise/judge-canary.ts";
export type { NodeProgram } from "./supervise/node-program.ts";
export { type ProcessorTime, processorTimeOf } from "./supervise/proc-files.ts";
export type {
  ControlledProcess,
  ExitStatus,
  Found,
  Measures,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "./supervise/process-control.ts";
export type { ExitNote, ExitReason } from "./supervise/restart-policy.ts";
export { type RollOutOptions, type RollOutResult, type RollTarget, rollOut } from "./supervise/roll-out.ts";
export { type RollStep, type RollStepsOptions, rollSteps } from "./supervise/roll-steps.ts";
export type { SuperviseEventKind } from "./supervise/seat.ts";
export {
  type ChildSpec,
  type GroupSpec,
  KEEP_DEFAULTS,
  type KeepRules,
  type RestartRule,
  type Strategy,
  type SuperviseSpec,
} from "./supervise/spec.ts";
export { createStateFile } from "./supervise/state-file.ts";
export type { StateStore, SuperviseState } from "./supervise/state-store.ts";
export type { ChildStatus, SuperviseEvent, Supervisor, SupervisorOptions } from "./supervise/supervise.ts";
export { createSupervisor } from "./supervise/supervisor.ts";
export { joinSupervisor, type SupervisorLine } from "./supervise/system-child.ts";
export {
  createSystemControl,
  type SystemControl,
  type SystemControlOptions,
} from "./supervise/system-control.ts";
export { componentProgram } from "./supervise/system-door.ts";
export { lockFolder } from "./supervise/system-lock.ts";
export {
  openTurningKeys,
  type PlacedKeys,
  type TurningKeys,
  type TurningKeysOptions,
} from "./supervise/system-turning-keys.ts";
