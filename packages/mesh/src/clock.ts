/** One clock over several processes: a world that they run together, and its coordinator. */
export type { ClockResult, ClockState, ClockStatus, MemberStatus } from "@orrery/sim/internal";
export { type ClockApp, type LaunchClockOptions, launchClock } from "./clock/launch-clock.ts";
export { type FindWorldOptions, findWorldSource, type WorldSource } from "./clock/world-source.ts";
export { Clock } from "./gen/orrery/clock/v1/clock_pb.ts";
export type { ProcessExit, ProcessHandle, ProcessHost } from "./process-host.ts";
export type { LogForm } from "./process-messages.ts";
