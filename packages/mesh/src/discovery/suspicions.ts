import type { Clock, Timer } from "@orrery/core";
import type { Alarms } from "./alarms.ts";
import { CONFIRMATIONS } from "./limits.ts";
import type { Member } from "./member.ts";
import { suspicionMs } from "./suspicion.ts";

/** Options of suspicions. */
export interface SuspicionsOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly probeMs: number;
  readonly members: () => number;
  /** Told of a member whose time to deny is over. */
  readonly onOver: (member: Member) => void;
}

/** The suspicions that are open: one for each member that is suspected. */
export interface Suspicions {
  begin(member: Member, by: string): void;
  /** Counts another suspecter; false for one that is known, or one too many. */
  confirm(member: Member, by: string): boolean;
  end(member: Member): void;
}

/** Makes an empty set of suspicions. */
export function createSuspicions(options: SuspicionsOptions): Suspicions {
  return new TimedSuspicions(options);
}

interface Suspicion {
  beganMs: number;
  readonly by: Set<string>;
  timer: Timer;
}

class TimedSuspicions implements Suspicions {
  readonly #options: SuspicionsOptions;
  readonly #open = new Map<Member, Suspicion>();

  constructor(options: SuspicionsOptions) {
    this.#options = options;
  }

  begin(member: Member, by: string): void {
    this.end(member);
    const suspicion: Suspicion = { beganMs: this.#options.clock.monotonic(), by: new Set([by]), timer: NO_TIMER };
    this.#open.set(member, suspicion);
    this.#plan(member, suspicion);
  }

  confirm(member: Member, by: string): boolean {
    const suspicion = this.#open.get(member);
    if (suspicion === undefined || suspicion.by.has(by) || suspicion.by.size > CONFIRMATIONS) return false;
    suspicion.by.add(by);
    this.#plan(member, suspicion);
    return true;
  }

  end(member: Member): void {
    this.#open.get(member)?.timer.cancel();
    this.#open.delete(member);
  }

  #plan(member: Member, suspicion: Suspicion): void {
    const { alarms, clock, members, probeMs, onOver } = this.#options;
    suspicion.timer.cancel();
    const wholeMs = suspicionMs({ members: members(), probeMs, confirmations: suspicion.by.size - 1 });
    const leftMs = suspicion.beganMs + wholeMs - clock.monotonic();
    suspicion.timer = alarms.after(Math.max(0, leftMs), (lateMs) => {
      if (lateMs > probeMs) {
        suspicion.beganMs = clock.monotonic() - wholeMs + probeMs; // This node stood still: a denial may be waiting to be read.
        this.#plan(member, suspicion);
        return;
      }
      this.#open.delete(member);
      onOver(member);
    });
  }
}

const NO_TIMER: Timer = { cancel: () => undefined };
