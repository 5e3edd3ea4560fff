/** What the packages of Orrery share among themselves: no promise is made to anybody else. */

export type { ClockResult, ClockState, ClockStatus, MemberStatus } from "./shared/clock-status.ts";
export { type Coordinator, type CoordinatorOptions, createCoordinator, type GoOptions } from "./shared/coordinator.ts";
export type { Grant, MemberFailure, MemberProgress, MemberReport, MemberResult } from "./shared/grant.ts";
export {
  createLocalMembers,
  type LocalMembers,
  type LocalMembersOptions,
  portOf,
  runLocalMembers,
} from "./shared/local-members.ts";
export { createMember, type Member, type MemberOptions } from "./shared/member.ts";
export type { MemberPort } from "./shared/member-port.ts";
export { mergeTraces, type TracePart } from "./shared/merge-traces.ts";
export { createPlacement, type Placement, type PlacementOptions } from "./shared/placement.ts";
export {
  createWindowReader,
  createWindowWriter,
  type SharedFrame,
  type WindowPacket,
  type WindowReader,
  type WindowWriter,
} from "./shared/window-codec.ts";
export type { HostedNode } from "./world/model-node.ts";
