export type { Capacity, NodeTotals } from "./capacity.ts";
export type { CarrierPlan } from "./carriers/carrier-plan.ts";
export type { PeerView } from "./carriers/peer-view.ts";
export type { PuntedCarrier, Route } from "./carriers/stack.ts";
export type { Client, ItemStream, Publisher, Sender, Ticket } from "./client.ts";
export { type Clock, sleepWith, type Timer } from "./clock.ts";
export type { ClockEstimate } from "./clock-track.ts";
export { CODES, type Code, isCode } from "./codes.ts";
export {
  type Component,
  type ComponentOptions,
  defineComponent,
  type HandlerFactory,
  type Handlers,
  isComponent,
  type Requirement,
} from "./component.ts";
export type { ComponentView, HolderView, InstanceView } from "./component-view.ts";
export type { Context } from "./context.ts";
export type { MethodNames, MethodsOf, MethodTypes, Service } from "./contract.ts";
export { defineService, type MethodSchema, type SchemaMethods, type SchemaService } from "./contract-schema.ts";
export type { PeerInfo, PingResult } from "./control-plane.ts";
export { createTableDirectory, type Directory, type DirectoryHost, type DirectorySeat } from "./directory.ts";
export type { FlowRef, Horizon, HorizonScope, Mode, Source, TraceRef } from "./envelope.ts";
export {
  describeOpenFlow,
  type Flow,
  type FlowEnd,
  type FlowEndCause,
  type FlowEvent,
  type FlowOptions,
  type OpenFlow,
} from "./flow.ts";
export {
  defineFlowModel,
  type FlowModel,
  type FlowModelOptions,
  type FlowStep,
  type ModelPart,
  type ModelStep,
  type ModelWords,
} from "./flow-model.ts";
export { createFlowMonitor, type FlowBreach, type FlowMonitor, type FlowMonitorOptions } from "./flow-monitor.ts";
export type { Description } from "./gen/orrery/control/v1/control_pb.ts";
export type { LimitsHost, LimitsSource, NodeLimits, RateShares, ShareNews } from "./guard.ts";
export type { Distance, Distances, HorizonCheck, HorizonRules, HorizonSubject } from "./horizon.ts";
export type { CrashInfo, InstanceEnv, InstanceHandle, InstanceState, Settings } from "./instance-handle.ts";
export type { DeadLetter, Journal, JournalLoad, KeptEntry, KeptMark, Recalled } from "./journal.ts";
export { bytes, json } from "./json-body.ts";
export type { DeadMessage } from "./keeper.ts";
export {
  createLog,
  discardLog,
  type Log,
  type LogEntry,
  type LogFields,
  type LogLevel,
  type LogOptions,
  type LogSink,
} from "./log.ts";
export { createMemoryHub, type MemoryHub, type MemoryTransportOptions } from "./memory-transport.ts";
export type { MessageEvent, MessageEventKind, MessageRef } from "./message-events.ts";
export {
  type ClientNode,
  type ClientNodeOptions,
  createClient,
  createNode,
  type Node,
  type NodeOptions,
} from "./node.ts";
export type { SendOptions, StreamOptions } from "./options.ts";
export {
  type ErrorDetails,
  isOrreryError,
  type JsonValue,
  OrreryError,
  type OrreryErrorOptions,
} from "./orrery-error.ts";
export { type Call, type Outcome, outcomeOf } from "./outcome.ts";
export {
  createPeerEstimator,
  formatPeerMap,
  type MeasureOptions,
  measurePeers,
  type PeerEstimate,
  type PeerEstimator,
  type PeerEstimatorOptions,
  type PeerMapKind,
} from "./peer-estimate.ts";
export type { MaybeHook, MaybeSite, PointHit, PointHook } from "./point.ts";
export {
  createPoints,
  type PointAction,
  type PointMatch,
  type PointRule,
  type Points,
  type PointsOptions,
} from "./points.ts";
export { type Random, randomName } from "./random.ts";
export { type FailureKind, REASONS, type Reason, type ReasonMeaning } from "./reasons.ts";
export type { Relay, RelayHost, RelaySeat } from "./relay.ts";
export type { Seal, SealOptions } from "./seal.ts";
export { createSystemClock } from "./system-clock.ts";
export { createSystemRandom } from "./system-random.ts";
export type { NodeTelemetry, TelemetryHost, TelemetrySource } from "./telemetry.ts";
export type { Transport } from "./transport.ts";
