import type { Frame } from "../network/frame.ts";
import { Phase } from "./event-key.ts";
import { createEventQueue, type EventPlan, type PlannedEvent } from "./event-queue.ts";
import type { Lane } from "./lane.ts";
import { createLateEvents } from "./late-events.ts";
import type { Strategy } from "./strategy.ts";

/** What happens, and to whom. */
export interface Happening {
  readonly phase: Phase;
  /** Number of the node at which it happens; 0 for the world. */
  readonly target: number;
  /** Number of the node that causes it; 0 for the world. */
  readonly origin: number;
  readonly run: () => void;
  /** What arrives, where it is a delivery. */
  readonly frame?: Frame;
  /** What it must not overtake. */
  readonly lane?: Lane | undefined;
  /** What it is, for people. */
  readonly note?: string;
  /** Whether it comes from outside of the world, so that nothing of the world led to it. Default: false. */
  readonly isGiven?: boolean;
}

/** What a scheduler tells, and asks, of each event. */
export interface SchedulerHooks {
  /** Told of each event before it runs. */
  readonly watch?: (event: PlannedEvent) => void;
  /** Runs an event. Default: calls its `run`. */
  readonly enter?: (event: PlannedEvent) => void;
  /** Ticks after which an event may run from when it is due, by its origin and sequence. Default: none is put off. */
  readonly delayOf?: (event: PlannedEvent) => number;
  /** Told of each event that a strategy puts off, and of how many ticks that is from when it was due. */
  readonly onPutOff?: (event: PlannedEvent, byTicks: number) => void;
  /** Chooses among the events that could be next. Default: the first is. */
  readonly strategy?: Strategy | undefined;
}

/** Plans what happens, in a world's order. */
export interface Scheduler {
  /** Virtual time in µs since the world began. */
  readonly tick: number;
  /** Events that are planned. */
  readonly planned: number;
  readonly nextTick: number | undefined;
  /** The next event, without taking it. */
  peek(): PlannedEvent | undefined;
  /** The next events in their order, `max` at most, without taking them. */
  ahead(max: number): readonly PlannedEvent[];
  /** The event that runs, or ran last: what is planned now is its doing. */
  readonly current: PlannedEvent | undefined;
  /** Plans an event `delayTicks` from now; 0 is a round later. What is on a lane comes not before what is ahead of it there. */
  after(delayTicks: number, happening: Happening): PlannedEvent;
  /** Gives the key that `after` would give, and counts it, for an event that happens in another process. */
  sendAway(delayTicks: number, happening: Omit<Happening, "run">): EventPlan;
  /** Plans an event that another process sends. */
  takeIn(plan: EventPlan): void;
  cancel(event: PlannedEvent): void;
  /** Runs the next event up to a tick, and gives it; undefined when there is none. */
  step(upToTick?: number): PlannedEvent | undefined;
  /** Lets time pass up to a tick before which nothing is planned. */
  advance(tick: number): void;
  /** Lets nothing more happen at a node, as if its process were stopped; or lets it go on with all that has come due. */
  pause(target: number): void;
  resume(target: number): void;
  /** Lets each message take some ticks of a node, one after the other; 0 for none. */
  slow(target: number, ticks: number): void;
}

/** Makes a scheduler at tick 0. */
export function createScheduler(hooks: SchedulerHooks = {}): Scheduler {
  return new QueueScheduler(hooks);
}

/** How a node takes in messages one after the other. */
interface Slowness {
  readonly ticks: number;
  freeTick: number;
  /** What it has taken up and not finished, in order. */
  readonly taken: Set<PlannedEvent>;
}

/**
 * Owns the queue of a world, and what of it is detained. I1: each event runs once, is cancelled, or stays detained. I2: when an event runs
 * depends on when it was due, on the tick to which a strategy put it off at last, and on what was due before it on its lane; never on the
 * steps that led there, so that a tape need not know them.
 */
class QueueScheduler implements Scheduler {
  readonly #queue = createEventQueue();
  readonly #hooks: SchedulerHooks;
  // By origin: what one node causes is counted apart from what others do, so that keys do not depend on who was first.
  readonly #sequences: number[] = [];
  readonly #paused = new Map<number, Set<PlannedEvent>>();
  readonly #slow = new Map<number, Slowness>();
  readonly #late = createLateEvents();
  /** Events that stand in no queue until the one ahead of them on their lane has run. */
  readonly #waiting = new Set<PlannedEvent>();
  /** Events that a slow node has taken up: once is enough. */
  readonly #served = new WeakSet<PlannedEvent>();
  /** When events could run that a paused node had to leave. */
  readonly #readyTicks = new WeakMap<PlannedEvent, number>();
  current: PlannedEvent | undefined;

  constructor(hooks: SchedulerHooks) {
    this.#hooks = hooks;
  }

  get tick(): number {
    return this.#queue.tick;
  }

  get planned(): number {
    return this.#queue.size;
  }

  get nextTick(): number | undefined {
    return this.#queue.nextTick;
  }

  peek(): PlannedEvent | undefined {
    return this.#queue.first;
  }

  ahead(max: number): readonly PlannedEvent[] {
    return this.#queue.ahead(Number.POSITIVE_INFINITY, max);
  }

  after(delayTicks: number, happening: Happening): PlannedEvent {
    return this.#queue.add(this.#plan(delayTicks, happening, happening.run));
  }

  sendAway(delayTicks: number, happening: Omit<Happening, "run">): EventPlan {
    return this.#plan(delayTicks, happening, nothing);
  }

  takeIn(plan: EventPlan): void {
    this.#queue.add(plan);
  }

  cancel(event: PlannedEvent): void {
    this.#queue.cancel(event);
    this.#paused.get(event.target)?.delete(event);
    this.#slow.get(event.target)?.taken.delete(event);
    this.#waiting.delete(event);
    this.#letNextGo(event);
  }

  step(upToTick = Number.POSITIVE_INFINITY): PlannedEvent | undefined {
    const { strategy, watch, enter } = this.#hooks;
    if (strategy !== undefined) this.#choose(strategy);
    for (;;) {
      const event = this.#queue.first;
      if (event === undefined || event.tick > upToTick) return undefined;
      if (this.#detain(event)) continue;
      this.#queue.take();
      this.#slow.get(event.target)?.taken.delete(event);
      this.#letNextGo(event);
      this.current = event;
      watch?.(event);
      if (enter === undefined) event.run();
      else enter(event);
      return event;
    }
  }

  advance(tick: number): void {
    this.#queue.advance(tick);
  }

  pause(target: number): void {
    if (!this.#paused.has(target)) this.#paused.set(target, new Set());
  }

  resume(target: number): void {
    const halted = this.#paused.get(target);
    if (halted === undefined) return;
    this.#paused.delete(target);
    for (const event of halted) {
      const tick = Math.max(event.tick, this.tick);
      this.#readyTicks.set(event, tick);
      this.#queue.postpone(event, tick);
    }
    for (const first of this.#late.goOn(target, this.tick)) this.#letGo(first);
  }

  slow(target: number, ticks: number): void {
    const taken = this.#slow.get(target)?.taken ?? new Set();
    // What it has taken up it handles at its new pace: what comes now must neither overtake that, nor wait for long.
    let freeTick = this.tick;
    for (const event of taken) {
      freeTick = Math.max(this.tick, Math.min(event.tick, freeTick + ticks));
      if (this.#paused.get(target)?.has(event) !== true) this.#putOff(event, freeTick);
    }
    if (ticks > 0) this.#slow.set(target, { ticks, freeTick, taken });
    else this.#slow.delete(target);
  }

  #plan(delayTicks: number, happening: Omit<Happening, "run">, run: () => void): EventPlan {
    const { phase, target, origin, frame, lane, note, isGiven = false } = happening;
    const sequence = (this.#sequences[origin] ?? 0) + 1;
    this.#sequences[origin] = sequence;
    const sentTick = this.#queue.tick;
    let tick = sentTick + delayTicks;
    if (lane !== undefined && phase === Phase.delivery) {
      if (tick < lane.lastTick) tick = lane.lastTick;
      lane.lastTick = tick;
    }
    if (isGiven) return { tick, phase, target, origin, sequence, run, frame, lane, note };
    const { current } = this;
    const causeOrigin = current?.origin ?? 0;
    const causeSequence = current?.sequence ?? 0;
    return { tick, phase, target, origin, sequence, run, sentTick, causeOrigin, causeSequence, frame, lane, note };
  }

  /** Puts off every event that the chosen one is to come before. */
  #choose(strategy: Strategy): void {
    const ahead = this.#queue.ahead(strategy.slackTicks, strategy.eventsMax);
    const choosable = this.#withinSlack(this.#enabledOf(ahead), strategy.slackTicks);
    if (choosable.length < 2) return;
    const chosen = choosable[strategy.choose(choosable)];
    if (chosen === undefined) return;
    let toTick = chosen.tick;
    for (const event of choosable) {
      if (event === chosen) return;
      this.#hooks.onPutOff?.(event, ++toTick - event.dueTick);
      this.#putOff(event, toTick);
    }
  }

  /** Those of the next events that could be the next one: the first of each lane, up to what must not be put off. */
  #enabledOf(ahead: readonly PlannedEvent[]): readonly PlannedEvent[] {
    const lanes = new Set<Lane>();
    const enabled: PlannedEvent[] = [];
    for (const event of ahead) {
      const { phase, lane } = event;
      if (phase < Phase.delivery) break; // Faults and control.
      if (lane !== undefined) {
        if (lanes.has(lane) || this.#late.before(event) !== undefined) continue;
        lanes.add(lane);
      }
      enabled.push(event);
      if (this.#served.has(event)) break; // A tape says when a node takes a message up, and the node how long it takes.
    }
    return enabled;
  }

  /** Those that can come first without putting off another by more than the slack in all: what repeats must not starve what does not. */
  #withinSlack(enabled: readonly PlannedEvent[], slackTicks: number): readonly PlannedEvent[] {
    let endTick = Number.POSITIVE_INFINITY;
    const late = enabled.findIndex((event) => {
      if (event.tick >= endTick) return true;
      endTick = Math.min(endTick, (this.#readyTicks.get(event) ?? event.dueTick) + slackTicks);
      return false;
    });
    return late < 0 ? enabled : enabled.slice(0, late);
  }

  #putOff(event: PlannedEvent, toTick: number): void {
    this.#late.add(event);
    this.#queue.postpone(event, toTick);
  }

  /** Whether the next event is not to run now. Time does not pass by that. */
  #detain(event: PlannedEvent): boolean {
    if (event.phase < Phase.delivery) return false;
    return this.#delay(event) || this.#halt(event) || this.#wait(event) || this.#serve(event);
  }

  #delay(event: PlannedEvent): boolean {
    const { tick, dueTick } = event;
    const delayTicks = tick === dueTick ? (this.#hooks.delayOf?.(event) ?? 0) : 0;
    if (delayTicks > 0) this.#putOff(event, dueTick + delayTicks);
    return delayTicks > 0;
  }

  #halt(event: PlannedEvent): boolean {
    const paused = this.#paused.get(event.target);
    if (paused === undefined) return false;
    paused.add(event);
    this.#hold(event);
    return true;
  }

  #wait(event: PlannedEvent): boolean {
    if (this.#late.before(event) === undefined) return false;
    this.#waiting.add(event);
    this.#hold(event);
    return true;
  }

  #hold(event: PlannedEvent): void {
    this.#late.add(event);
    this.#queue.cancel(event);
  }

  /** Lets go what waits behind an event of its lane that has run or been cancelled. */
  #letNextGo(event: PlannedEvent): void {
    const next = this.#late.remove(event);
    if (next !== undefined) this.#letGo(next);
  }

  #letGo(first: PlannedEvent): void {
    if (this.#waiting.delete(first)) this.#queue.postpone(first, Math.max(first.tick, this.tick));
  }

  #serve(event: PlannedEvent): boolean {
    const slowness = event.phase === Phase.delivery ? this.#slow.get(event.target) : undefined;
    if (slowness === undefined || this.#served.has(event)) return false;
    this.#served.add(event);
    this.#letNextGo(event); // What a node has taken up is on its way no more.
    slowness.freeTick = Math.max(slowness.freeTick, event.tick) + slowness.ticks;
    slowness.taken.add(event);
    this.#queue.postpone(event, slowness.freeTick);
    return true;
  }
}

function nothing(): void {}
