/** The contracts by which a network uses a platform: all that a program needs which calls one. */
export { addressOfLine } from "./apps/logs/line-facts.ts";
export { parseLogPattern, printLogPattern } from "./apps/logs/log-pattern.ts";
export { LOG_THRESHOLDS, type LogThreshold } from "./apps/logs/log-threshold.ts";
export { AccountsService, type SessionTokens as SessionTokensMessage } from "./gen/orrery/accounts/v1/accounts_pb.ts";
export {
  type App as AppMessage,
  type AppComponent as AppComponentMessage,
  AppsService,
  type InstanceStats as InstanceStatsMessage,
  type LogLine as LogLineMessage,
  type SpaceService as SpaceServiceMessage,
} from "./gen/orrery/apps/v1/apps_pb.ts";
export { type CallableService as CallableServiceMessage, CallsService } from "./gen/orrery/apps/v1/calls_pb.ts";
