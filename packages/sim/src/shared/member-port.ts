import { OrreryError } from "@orrery/core";
import type { Grant, MemberProgress, MemberReport, MemberResult } from "./grant.ts";

/** A member as its coordinator reaches it, in this process or another. What it promises is refused once the member is gone. */
export interface MemberPort {
  readonly index: number;
  readonly nodes: readonly string[];
  /** Whether a debugger may hold it: then it never counts as stalled. Default: false. */
  readonly isDebugged?: boolean;
  grant(grant: Grant): Promise<MemberReport>;
  halt(): void;
  abandon(): void;
  plan(line: string, atTick: number): Promise<void>;
  attach(timeMs: number, atTick: number): Promise<void>;
  progress(): Promise<MemberProgress>;
  result(): Promise<MemberResult>;
}

/** What is wrong with a member. */
export interface MemberTrouble {
  readonly code: string;
  readonly what: string;
  readonly last: string;
}

/** Names a member, its nodes and its last event. */
export function memberError({ index, nodes }: MemberPort, { code, what, last }: MemberTrouble): OrreryError {
  const names = nodes.length > 4 ? `${nodes.slice(0, 4).join(", ")} and ${nodes.length - 4} more` : nodes.join(", ");
  const ended = last === "" ? "" : `; its last known event is ${last}`;
  const text = `Cannot go on with the clock: member ${index} (${names}) ${what}${ended}`;
  return new OrreryError(code as "internal", text, { details: { member: index, nodes: [...nodes], last } });
}
