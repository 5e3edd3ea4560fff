import type { Clock, OrreryError, Timer } from "@orrery/core";
import type { MemberProgress } from "./grant.ts";
import { PROBE_MS } from "./limits.ts";
import { type MemberPort, memberError } from "./member-port.ts";

/** Looks for members of which nothing is seen any more. */
export interface StallWatch {
  /** Never given; refused with an error that names the member. */
  readonly found: Promise<never>;
  stop(): void;
}

/** Options of a watch. */
export interface StallOptions {
  readonly members: readonly MemberPort[];
  readonly clock: Clock;
  readonly stallMs: number;
}

/**
 * Watches members while something is granted to them. Every `stallMs` each is asked where it stands: one that does not answer has stalled, as
 * has one that is where it was before and waits for nobody.
 */
export function watchStall({ members, clock, stallMs }: StallOptions): StallWatch {
  const found = Promise.withResolvers<never>();
  found.promise.catch(() => undefined);
  let before: readonly (MemberProgress | undefined)[] = [];
  let timer: Timer;
  let isOver = false;
  const look = async () => {
    const now = await Promise.all(members.map((member) => answerOf(member, clock)));
    if (isOver) return;
    const stalled = members.findIndex(
      (member, index) => member.isDebugged !== true && isStalled(now[index], before[index]),
    );
    if (stalled >= 0)
      found.reject(stallError(members[stalled] as MemberPort, now[stalled] ?? before[stalled], stallMs));
    before = now;
    timer = clock.timer(stallMs, again);
  };
  const again = () => void look();
  timer = clock.timer(stallMs, again);
  return {
    found: found.promise,
    stop() {
      isOver = true;
      timer.cancel();
    },
  };
}

function isStalled(now: MemberProgress | undefined, before: MemberProgress | undefined): boolean {
  if (now === undefined) return true;
  if (before === undefined || now.waitsFor.length > 0) return false;
  return now.round === before.round && now.events === before.events;
}

async function answerOf(member: MemberPort, clock: Clock): Promise<MemberProgress | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.timer(PROBE_MS, () => late.resolve(undefined));
  const answer = await Promise.race([member.progress().catch(() => undefined), late.promise]);
  timer.cancel();
  return answer;
}

function stallError(member: MemberPort, seen: MemberProgress | undefined, stallMs: number): OrreryError {
  const what = `has done nothing for ${stallMs / 1000} s: look for a loop without an await, or allow more time`;
  return memberError(member, { code: "deadline_exceeded", what, last: seen?.last ?? "" });
}
