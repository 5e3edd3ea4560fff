import type { Clock, Timer } from "@orrery/core";
import type { Alarms } from "./alarms.ts";
import { CONFIRMATIONS, REFUSED_SUSPICION } from "./limits.ts";
import type { LocalHealth } from "./local-health.ts";
import type { Member } from "./member.ts";
import { suspicionMs } from "./suspicion.ts";

/** Options of suspicions. */
export interface SuspicionsOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly health: LocalHealth;
  readonly probeMs: number;
  readonly members: () => number;
  /** Asks a member whether it lives, and others, too; what comes of it is told to `answered` or `silent`. */
  readonly ask: (member: Member) => void;
  /** Told of a member whose time to deny is over, and that did not answer. */
  readonly onOver: (member: Member) => void;
}

/** The suspicions that are open: one for each member that is suspected. */
export interface Suspicions {
  begin(member: Member, by: string): void;
  /** Counts another suspecter; false for one that is known, or one too many. */
  confirm(member: Member, by: string): boolean;
  /** It answered this node, or one that this node asked: it has its whole time again. */
  answered(member: Member): void;
  /** It answered neither this node nor those that this node asked. */
  silent(member: Member): void;
  /** Its machine says that nobody listens there. */
  refused(member: Member): void;
  /** Somebody else has given it up: this node asks for itself, now. */
  hurry(member: Member): void;
  end(member: Member): void;
}

/** Makes an empty set of suspicions. */
export function createSuspicions(options: SuspicionsOptions): Suspicions {
  return new TimedSuspicions(options);
}

interface Suspicion {
  beganMs: number;
  by: Set<string>;
  timer: Timer;
  /** The last question is asked: its silence is the end. */
  isLast: boolean;
  isRefused: boolean;
  /** Somebody else has given it up. */
  isHurried: boolean;
}

/**
 * Owns: the time of each suspicion. I1: nobody is over whom this node did not ask in vain at the end of its time, be it that others say so:
 * what one thinks that was cut off, or hears badly, buries nobody. I2: only what its machine says shortens a time, never a silence.
 */
class TimedSuspicions implements Suspicions {
  readonly #options: SuspicionsOptions;
  readonly #open = new Map<Member, Suspicion>();

  constructor(options: SuspicionsOptions) {
    this.#options = options;
  }

  begin(member: Member, by: string): void {
    this.end(member);
    const suspicion: Suspicion = {
      beganMs: this.#options.clock.monotonic(),
      by: new Set([by]),
      timer: NO_TIMER,
      isLast: false,
      isRefused: false,
      isHurried: false,
    };
    this.#open.set(member, suspicion);
    this.#plan(member, suspicion);
  }

  confirm(member: Member, by: string): boolean {
    const suspicion = this.#open.get(member);
    if (suspicion === undefined || suspicion.by.has(by) || suspicion.by.size > CONFIRMATIONS) return false;
    suspicion.by.add(by);
    if (!suspicion.isLast) this.#plan(member, suspicion);
    return true;
  }

  answered(member: Member): void {
    const suspicion = this.#open.get(member);
    const [first] = suspicion?.by ?? [];
    if (first !== undefined) this.begin(member, first);
  }

  silent(member: Member): void {
    if (this.#open.get(member)?.isLast === true) this.#over(member); // I1
  }

  refused(member: Member): void {
    const suspicion = this.#open.get(member);
    if (suspicion === undefined) return;
    suspicion.isRefused = true;
    if (suspicion.isHurried)
      this.#over(member); // I1: to be refused is an answer, too.
    else if (!suspicion.isLast) this.#plan(member, suspicion);
  }

  hurry(member: Member): void {
    const suspicion = this.#open.get(member);
    if (suspicion === undefined) return;
    suspicion.isHurried = true;
    if (suspicion.isRefused) this.#over(member);
    else if (!suspicion.isLast) this.#ask(member, suspicion);
  }

  end(member: Member): void {
    this.#open.get(member)?.timer.cancel();
    this.#open.delete(member);
  }

  #over(member: Member): void {
    this.end(member);
    this.#options.onOver(member);
  }

  #plan(member: Member, suspicion: Suspicion): void {
    const { alarms, clock, probeMs, health } = this.#options;
    suspicion.timer.cancel();
    const askMs = suspicion.beganMs + this.#wholeMs(suspicion) - probeMs * health.factor;
    suspicion.timer = alarms.after(Math.max(0, askMs - clock.monotonic()), () => this.#ask(member, suspicion));
  }

  /** The last question; again where it came to nothing, because this node stood still or had too many. */
  #ask(member: Member, suspicion: Suspicion): void {
    const { alarms, ask, probeMs, health } = this.#options;
    suspicion.timer.cancel();
    suspicion.isLast = true;
    suspicion.timer = alarms.after(2 * probeMs * health.factor, () => this.#ask(member, suspicion));
    ask(member);
  }

  #wholeMs({ by, isRefused }: Suspicion): number {
    const { members, probeMs } = this.#options;
    if (isRefused && by.size > 1) return REFUSED_SUSPICION * probeMs; // I2
    return suspicionMs({ members: members(), probeMs, confirmations: by.size - 1 });
  }
}

const NO_TIMER: Timer = { cancel: () => undefined };
