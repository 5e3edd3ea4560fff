/** A whole network in one process, under a clock that you control. */

export type { Picks } from "./chance/choices.ts";
export { readTape, type Tape, writeTape } from "./chance/tape.ts";
export { explainLinearizability } from "./check/explain-linearizability.ts";
export {
  createHistory,
  type HistoryOptions,
  type OpenOperation,
  type OperationHistory,
  type RecordOptions,
} from "./check/history.ts";
export { type HistoryTimelineOptions, historyTimeline } from "./check/history-timeline.ts";
export {
  checkLinearizability,
  type LinearizabilityFailure,
  type LinearizabilityResult,
  type Linearization,
} from "./check/linearizability.ts";
export {
  checkListAppend,
  explainListAppend,
  type ListAppendAnomaly,
  type ListAppendAnomalyName,
  type ListAppendOptions,
  type ListAppendResult,
} from "./check/list-append.ts";
export {
  type CounterInput,
  counterModel,
  type LockInput,
  type LockState,
  lockModel,
  type MapInput,
  mapModel,
  type QueueInput,
  queueModel,
  type RegisterInput,
  registerModel,
  type SetInput,
  setModel,
} from "./check/models.ts";
export type { Operation, OperationOutcome } from "./check/operation.ts";
export type { OperationModel, OtherOperations, SequentialModel } from "./check/sequential-model.ts";
export type { LinearizabilityOptions } from "./check/step-budget.ts";
export type { ListElement, Transaction, TransactionStep } from "./check/transaction.ts";
export { assertRepeats } from "./explore/assert-repeats.ts";
export { assertSpreads, type SpreadOptions } from "./explore/assert-spreads.ts";
export {
  type Exploration,
  type ExploreOptions,
  type ExploreProgress,
  explore,
  type StrategyName,
} from "./explore/explore.ts";
export type { Failure, FailureKind } from "./explore/failure.ts";
export {
  assertHolds,
  explainFailure,
  replay,
  ScenarioFailed,
  sayFailure,
  writeRegressionTest,
} from "./explore/replay.ts";
export { type RunScenarioOptions, runScenario, type ScenarioRun } from "./explore/run-scenario.ts";
export { defineScenario, type FaultKind, isScenario, type Scenario, type ScenarioOptions } from "./explore/scenario.ts";
export { packTape, readScript, unpackTape, writeScript } from "./explore/script.ts";
export { type ShrinkOptions, type Shrunk, shrinkTape } from "./explore/shrink.ts";
export type { Fault, TimedFault } from "./faults/fault.ts";
export { readFault, readTimedFault, writeFault, writeTimedFault } from "./faults/fault-text.ts";
export type { Latency } from "./network/latency.ts";
export type { BurstLoss, LinkModel } from "./network/link-model.ts";
export type { MessageFate, MessageMatch, MessageRule } from "./network/message-rules.ts";
export type { Place } from "./network/sim-network.ts";
export {
  continentLinks,
  type LinkModels,
  lanLinks,
  linksByNearness,
  mobileLinks,
  type Nearness,
  zoneLinks,
} from "./network/topologies.ts";
export type { Phase } from "./order/event-key.ts";
export { type Session, type SessionOptions, startSession } from "./session/session.ts";
export type { ClockSkew, NodeClock } from "./time/node-clock.ts";
export type { Timestamp, Timestamps } from "./time/timestamps.ts";
export type { Trace, TraceKind, TraceMode, TraceRecord, TraceWhat } from "./trace/trace.ts";
export { type DiffSide, diffTraces, type TraceDiff } from "./view/diff-traces.ts";
export { type MermaidOptions, toMermaid } from "./view/mermaid.ts";
export { toOtel } from "./view/otel.ts";
export { toPage } from "./view/page.ts";
export { type ExportOptions, toPerfetto } from "./view/perfetto.ts";
export { type Recording, recordingOf } from "./view/recording.ts";
export { type TimelineOptions, toTimeline } from "./view/timeline.ts";
export { readTrace, writeTrace } from "./view/trace-file.ts";
export { createWorld } from "./world/create-world.ts";
export type { Disk, DiskState } from "./world/disk.ts";
export { createDiskJournal, type DiskJournalOptions } from "./world/disk-journal.ts";
export type { Machine, ModelNode, ModelNodeOptions } from "./world/model-node.ts";
export type { WhenMessage, WhenPoint } from "./world/when.ts";
export type { Draw, RunOptions, WaitOptions, World } from "./world/world.ts";
export type { WorldOptions } from "./world/world-options.ts";
