import { createNumberHeap } from "@orrery/core/internal";
import { compareWithinRound, type EventKey, type Phase } from "./event-key.ts";
import type { Frame } from "./frame.ts";
import type { Lane } from "./lane.ts";

/** What is to happen, and where in the order; its tick is not before that of the queue, which gives it its round. */
export interface EventPlan extends Omit<EventKey, "round"> {
  readonly run: () => void;
  /** Tick at which it was planned. Default: its own. */
  readonly sentTick?: number;
  /** Origin and sequence of the event that led to it; 0 for none. */
  readonly causeOrigin?: number;
  readonly causeSequence?: number;
  /** What arrives, where it is a delivery. */
  readonly frame?: Frame | undefined;
  /** What it must not overtake. */
  readonly lane?: Lane | undefined;
  /** What it is, for people; default: what its phase and frame say. */
  readonly note?: string | undefined;
}

/** An event that is planned. */
export interface PlannedEvent extends EventKey {
  readonly run: () => void;
  readonly sentTick: number;
  readonly causeOrigin: number;
  readonly causeSequence: number;
  readonly frame: Frame | undefined;
  readonly lane: Lane | undefined;
  readonly note: string | undefined;
  /** True until it is taken or cancelled. */
  readonly pending: boolean;
}

/**
 * Everything that will happen in a world, in its order. Owns: the planned events by tick and round.
 * I1: events come out in the order of their keys, whatever the order in which they were added. I2: what is added for the tick that is
 * under way comes a round later than what is under way. I3: adding, cancelling and taking cost the same for ten events as for a million,
 * but for the logarithm of the number of different ticks.
 */
export interface EventQueue {
  /** Events that are planned. */
  readonly size: number;
  /** Tick of the event taken last, or the one gone on to since. */
  readonly tick: number;
  /** Tick of the next event; undefined when there is none. */
  readonly nextTick: number | undefined;
  /** Plans an event. @throws Error for a tick that is over, or no whole number. */
  add(plan: EventPlan): PlannedEvent;
  /** Takes an event back; harmless when it was taken already. */
  cancel(event: PlannedEvent): void;
  /** Takes the next event, and goes on to its tick. */
  take(): PlannedEvent | undefined;
  /** Puts an event off to a later tick, one that was taken as well as one that is pending. It keeps its place among those of its origin. */
  postpone(event: PlannedEvent, tick: number): void;
  /** The next events in their order, without taking them: those up to `slackTicks` after the first, `max` at most. */
  ahead(slackTicks: number, max: number): readonly PlannedEvent[];
  /** Goes on to a tick with nothing before it, without taking anything. @throws Error when an event stands before it. */
  advance(tick: number): void;
}

/** Makes an empty queue that stands at tick 0. */
export function createEventQueue(): EventQueue {
  return new BucketQueue();
}

class QueuedEvent implements PlannedEvent {
  tick: number;
  round: number;
  readonly phase: Phase;
  readonly target: number;
  readonly origin: number;
  readonly sequence: number;
  readonly run: () => void;
  readonly sentTick: number;
  readonly causeOrigin: number;
  readonly causeSequence: number;
  readonly frame: Frame | undefined;
  readonly lane: Lane | undefined;
  readonly note: string | undefined;
  pending = true;
  /** Place in its bucket while that is not under way. */
  at = 0;

  constructor(plan: EventPlan, round: number) {
    this.tick = plan.tick;
    this.round = round;
    this.phase = plan.phase;
    this.target = plan.target;
    this.origin = plan.origin;
    this.sequence = plan.sequence;
    this.run = plan.run;
    this.sentTick = plan.sentTick ?? plan.tick;
    this.causeOrigin = plan.causeOrigin ?? 0;
    this.causeSequence = plan.causeSequence ?? 0;
    this.frame = plan.frame;
    this.lane = plan.lane;
    this.note = plan.note;
  }
}

class BucketQueue implements EventQueue {
  size = 0;
  tick = 0;
  #round = 0;
  readonly #buckets = new Map<number, QueuedEvent[]>();
  readonly #ticks = createNumberHeap();
  /** Events of the round under way, sorted; those before `#taken` are done. */
  #current: QueuedEvent[] = [];
  #taken = 0;
  /** Events of the round after it, in the same tick. */
  #following: QueuedEvent[] = [];
  /** Whether something of the tick has been taken, so that what comes to it now is of a later round. */
  #begun = false;

  get nextTick(): number | undefined {
    if (this.#leftOfTick()) return this.tick;
    return this.#earliest();
  }

  add(plan: EventPlan): PlannedEvent {
    if (!Number.isSafeInteger(plan.tick) || plan.tick < this.tick)
      throw new Error(
        `Cannot plan an event at tick ${plan.tick}: the world is at ${this.tick}, give a later whole one`,
      );
    const event = new QueuedEvent(plan, 0);
    this.#put(event);
    return event;
  }

  cancel(planned: PlannedEvent): void {
    const event = planned as QueuedEvent;
    if (!event.pending) return;
    event.pending = false;
    this.size--;
    const isOfRound = event.tick === this.tick && this.#begun && event.round === this.#round;
    if (isOfRound) return; // Its round is under way: `take` passes over it.
    const isFollowing = event.tick === this.tick && this.#begun;
    const bucket = isFollowing ? this.#following : this.#buckets.get(event.tick);
    if (bucket === undefined) return;
    const last = bucket.pop();
    if (last !== undefined && last !== event) {
      bucket[event.at] = last;
      last.at = event.at;
    }
    if (!isFollowing && bucket.length === 0) this.#buckets.delete(event.tick);
    if (this.#ticks.size > 2 * this.#buckets.size + 64) this.#ticks.rebuild(this.#buckets.keys());
  }

  take(): PlannedEvent | undefined {
    for (;;) {
      while (this.#taken < this.#current.length) {
        const event = this.#current[this.#taken++] as QueuedEvent;
        if (!event.pending) continue;
        event.pending = false;
        this.size--;
        return event;
      }
      if (!this.#nextRound() && !this.#nextBucket()) return undefined;
    }
  }

  postpone(planned: PlannedEvent, tick: number): void {
    const event = planned as QueuedEvent;
    this.cancel(event);
    const at = this.#current.indexOf(event, this.#taken);
    if (at >= 0) this.#current.splice(at, 1); // It is pending again, and must not be met here.
    event.tick = tick;
    event.pending = true;
    this.#put(event);
  }

  ahead(slackTicks: number, max: number): readonly PlannedEvent[] {
    const first = this.nextTick;
    if (first === undefined) return [];
    const current = this.#current.slice(this.#taken).filter(({ pending }) => pending);
    const found = [...current, ...this.#following.toSorted(compareWithinRound)];
    for (const tick of new Set(this.#ticks.upTo(first + slackTicks))) {
      if (found.length >= max) break;
      found.push(...(this.#buckets.get(tick)?.toSorted(compareWithinRound) ?? []));
    }
    return found.slice(0, max);
  }

  advance(tick: number): void {
    const next = this.nextTick;
    if (next !== undefined && next < tick) throw new Error(`Cannot go on to tick ${tick}: an event stands at ${next}`);
    if (tick <= this.tick) return;
    this.#enter(tick);
    this.#begun = false;
  }

  #leftOfTick(): boolean {
    if (this.#following.length > 0) return true;
    for (let index = this.#taken; index < this.#current.length; index++)
      if (this.#current[index]?.pending === true) return true;
    return false;
  }

  #put(event: QueuedEvent): void {
    const isNow = event.tick === this.tick && this.#begun;
    event.round = isNow ? this.#round + 1 : 0; // I2
    const bucket = isNow ? this.#following : this.#bucket(event.tick);
    event.at = bucket.length;
    bucket.push(event);
    this.size++;
  }

  #bucket(tick: number): QueuedEvent[] {
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) {
      bucket = [];
      this.#buckets.set(tick, bucket);
      this.#ticks.push(tick);
    }
    return bucket;
  }

  #nextRound(): boolean {
    if (this.#following.length === 0) return false;
    this.#round++;
    this.#begin(this.#following);
    this.#following = [];
    return true;
  }

  #nextBucket(): boolean {
    const tick = this.#earliest();
    if (tick === undefined) return false;
    const bucket = this.#buckets.get(tick) as QueuedEvent[];
    this.#ticks.pop();
    this.#buckets.delete(tick);
    this.#enter(tick);
    this.#begin(bucket);
    return true;
  }

  #enter(tick: number): void {
    this.tick = tick;
    this.#round = 0;
    this.#current = [];
    this.#taken = 0;
  }

  #begin(events: QueuedEvent[]): void {
    if (events.length > 1) events.sort(compareWithinRound); // I1
    this.#current = events;
    this.#taken = 0;
    this.#begun = true;
  }

  #earliest(): number | undefined {
    for (let tick = this.#ticks.first; tick !== undefined; tick = this.#ticks.first) {
      if (this.#buckets.has(tick)) return tick;
      this.#ticks.pop(); // All of its events were cancelled.
    }
    return undefined;
  }
}
