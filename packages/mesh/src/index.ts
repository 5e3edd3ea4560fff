/** A node among nodes: static discovery, nodes that talk ZeroMQ, and launching components in one process or many. */
export type { App, AppComponent, AppEvent, AppInstance, LaunchOptions } from "./app.ts";
export { type CaptureFile, createCaptureFile } from "./capture-file.ts";
export type { MeshCarrier } from "./carriers/mesh-carriers.ts";
export type { Candidate, Nearness } from "./discovery/candidate.ts";
export type { ChoiceExplanation, PlaceRequest, Stage } from "./discovery/choose-place.ts";
export type { DatagramCarrier, DatagramHost } from "./discovery/datagram-carrier.ts";
export type { ComponentAdvert, Coordinates, MemberStatus } from "./discovery/entry.ts";
export type { GatewayFoot, Offer } from "./discovery/gateway-foot.ts";
export {
  createGossipDirectory,
  type GossipDirectory,
  type GossipDirectoryOptions,
  type GossipStats,
  type MemberView,
} from "./discovery/gossip-directory.ts";
export { createViewFile } from "./discovery/system-view-file.ts";
export type { GossipTiming } from "./discovery/timing.ts";
export type { ViewStore } from "./discovery/view-store.ts";
export type { LifeEvent, LifeListener, LifeStage } from "./environment/life.ts";
export { type ComponentPath, findComponentFiles } from "./find-component-files.ts";
export { formatLog } from "./format-log.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway/gateway.ts";
export {
  createMeshGateway,
  type MeshGateway,
  type MeshGatewayNetwork,
  type MeshGatewayOptions,
} from "./gateway/mesh-gateway.ts";
export type { CrossingCounts, GatewayNetwork } from "./gateway/side.ts";
export type { GatewayTrust } from "./gateway/trust.ts";
export {
  explainHorizon,
  type HorizonExplanation,
  type HorizonLevel,
  type HorizonLevels,
  type HorizonPart,
} from "./horizon/combine-horizons.ts";
export {
  createDistances,
  type DistancesOptions,
  type KeepMeasuringOptions,
  keepMeasuring,
  type MeasuredDistances,
} from "./horizon/distances.ts";
export type { HorizonSettings } from "./horizon/horizon-rules.ts";
export { type ImportedScript, importScript, type ScriptExports } from "./import-script.ts";
export { importedFiles } from "./imported-files.ts";
export type { Isolate } from "./isolate.ts";
export { createFileJournal, type FileJournalOptions } from "./journal/system-file-journal.ts";
export { type LaunchHereOptions, launchHere } from "./launch-here.ts";
export { type LaunchProcessesOptions, launchProcesses } from "./launch-processes.ts";
export type { BreakerSettings, BreakerState } from "./limits/breaker.ts";
export type { CircuitChoice, CircuitListener, CircuitMove, CircuitView } from "./limits/breakers.ts";
export type { ShareSettings } from "./limits/flow-shares.ts";
export {
  createLimits,
  type Limits,
  type LimitsOptions,
  type LimitsSettings,
  type RefusalCount,
} from "./limits/node-limits.ts";
export type { BreakerRule, ThrottleRule } from "./limits/rules.ts";
export type { ThrottleView } from "./limits/throttle.ts";
export { createLiveDirectory, type DirectoryTable, type LiveDirectory } from "./live-directory.ts";
export { type LoadedComponent, type LoadOptions, loadComponents } from "./load-components.ts";
export { matchName, type NameMatch } from "./match-name.ts";
export {
  createMeshClient,
  createMeshNode,
  type MeshClientOptions,
  type MeshNodeOptions,
  type MeshOptions,
} from "./mesh-node.ts";
export { type ParseDirectoryOptions, parseDirectory, printDirectory } from "./parse-directory.ts";
export type { ProcessExit, ProcessHandle, ProcessHost } from "./process-host.ts";
export type { LogForm } from "./process-messages.ts";
export { readDirectory } from "./read-directory.ts";
export { findProject, type RunFile, type RunningApp, readRunFiles, writeRunFile } from "./run-file.ts";
