import type { Clock, Timer } from "@orrery/core";
import type { Link } from "@orrery/core/internal";
import type { Alarms } from "./alarms.ts";
import type { Courier } from "./courier.ts";
import { LOOKER_MS, LOOKERS_MAX } from "./limits.ts";
import type { Member } from "./member.ts";
import type { GossipTiming } from "./timing.ts";

/** Options of lookers. */
export interface LookersOptions {
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly courier: Courier;
  readonly timing: Pick<GossipTiming, "gossipMs">;
}

/** Those who only look, and asked this node lately: nobody gossips with them, so they would hear of a newcomer when they next ask. */
export interface Lookers {
  /** Somebody asked by a link. */
  asked(link: Link): void;
  /** A link is gone. */
  lost(link: Link): void;
  /** Tells all of them what a member serves: at once when they were told nothing lately, else with all that is new by the next round. */
  tell(member: Member): void;
}

/** Makes lookers, of whom there are none yet. */
export function createLookers(options: LookersOptions): Lookers {
  return new AskingLinks(options);
}

/** I1: at most `LOOKERS_MAX`, of whom those go first that asked longest ago. I2: who has not asked for `LOOKER_MS` is told nothing. */
class AskingLinks implements Lookers {
  readonly #options: LookersOptions;
  readonly #askedMs = new Map<Link, number>();
  readonly #news = new Map<string, Member>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #next: Timer | undefined;

  constructor(options: LookersOptions) {
    this.#options = options;
  }

  asked(link: Link): void {
    this.#askedMs.delete(link);
    this.#askedMs.set(link, this.#options.clock.monotonic());
    const [oldest] = this.#askedMs.keys();
    if (this.#askedMs.size > LOOKERS_MAX && oldest !== undefined) this.#askedMs.delete(oldest); // I1
  }

  lost(link: Link): void {
    this.#askedMs.delete(link);
  }

  tell(member: Member): void {
    const { alarms, clock, timing } = this.#options;
    if (this.#askedMs.size === 0) return;
    this.#news.set(member.node, member);
    const waitMs = this.#lastMs + timing.gossipMs - clock.monotonic();
    this.#next ??= alarms.after(Math.max(0, waitMs), () => this.#round());
  }

  #round(): void {
    const { clock, courier } = this.#options;
    this.#next = undefined;
    this.#lastMs = clock.monotonic();
    const entries = [...this.#news.values()].map(({ bytes }) => bytes);
    this.#news.clear();
    for (const [link, askedMs] of this.#askedMs) {
      if (this.#lastMs - askedMs > LOOKER_MS)
        this.#askedMs.delete(link); // I2
      else courier.sendPages(link, entries);
    }
  }
}
