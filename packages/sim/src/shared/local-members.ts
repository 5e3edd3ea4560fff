import type { World } from "../world/world.ts";
import type { WorldOptions } from "../world/world-options.ts";
import type { ClockResult } from "./clock-status.ts";
import { type Coordinator, type CoordinatorOptions, createCoordinator } from "./coordinator.ts";
import { createMember, type Member } from "./member.ts";
import type { MemberPort } from "./member-port.ts";
import { createPlacement } from "./placement.ts";

/** Options of members of one process. */
export interface LocalMembersOptions extends Omit<CoordinatorOptions, "members"> {
  /** Members to divide the nodes among. */
  readonly members: number;
  /** Members of nodes by name. Default: machines in turn. */
  readonly place?: Readonly<Record<string, number>>;
  readonly world?: WorldOptions;
  /** Adds every node; called once for each member. */
  readonly setup: (world: World) => unknown;
}

/** Members of one process, and their clock. */
export interface LocalMembers {
  readonly members: readonly Member[];
  readonly coordinator: Coordinator;
}

/** Divides a world among members of this very process, that speak as those of several would: in bytes. */
export function createLocalMembers(options: LocalMembersOptions): LocalMembers {
  const { members: count, place, world = {}, setup, ...rest } = options;
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const memberOf = createPlacement({ members: count, ...(place === undefined ? {} : { fixed: place }) });
    const send = (to: number, bytes: Uint8Array<ArrayBuffer>) => members[to]?.take(index, bytes);
    members.push(createMember({ index, count, memberOf, world, setup, send }));
  }
  return { members, coordinator: createCoordinator({ ...rest, members: members.map(portOf) }) };
}

/** Runs a world in members of this process to its end, and gives what came of it. @throws OrreryError when it fails. */
export async function runLocalMembers(options: LocalMembersOptions): Promise<ClockResult> {
  const { coordinator } = createLocalMembers(options);
  await coordinator.run();
  return await coordinator.finish();
}

/** Makes the port of a member of this process. */
export function portOf(member: Member): MemberPort {
  return {
    index: member.index,
    nodes: member.nodes,
    grant: (grant) => member.grant(grant),
    halt: () => member.halt(),
    abandon: () => member.abandon(),
    plan: async (line, atTick) => member.plan(line, atTick),
    attach: async (timeMs, atTick) => member.attach(timeMs, atTick),
    progress: async () => member.progress(),
    result: async () => member.result(),
  };
}
