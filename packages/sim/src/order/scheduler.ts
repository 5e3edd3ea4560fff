import type { Frame } from "../network/frame.ts";
import { Phase } from "./event-key.ts";
import { createEventQueue, type EventPlan, type PlannedEvent } from "./event-queue.ts";
import type { Lane } from "./lane.ts";
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
  /** Ticks by which an event is to be put off, by its origin and sequence. Default: none is. */
  readonly delayOf?: (event: PlannedEvent) => number;
  /** Told of each event that a strategy puts off. */
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
}

/** Owns the queue of a world, and what of it is detained. I1: each event runs once, is cancelled, or stays detained. */
class QueueScheduler implements Scheduler {
  readonly #queue = createEventQueue();
  readonly #hooks: SchedulerHooks;
  // By origin: what one node causes is counted apart from what others do, so that keys do not depend on who was first.
  readonly #sequences: number[] = [];
  readonly #paused = new Map<number, Set<PlannedEvent>>();
  readonly #slow = new Map<number, Slowness>();
  /** Events that have been put off as the hooks or a node's slowness said: once is enough. */
  readonly #putOff = new WeakSet<PlannedEvent>();
  readonly #served = new WeakSet<PlannedEvent>();
  /** When events were due that have been put off since, by a strategy or behind another one of their lane. */
  readonly #dueTicks = new WeakMap<PlannedEvent, number>();
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
    return this.#queue.ahead(0, 1)[0];
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
  }

  step(upToTick = Number.POSITIVE_INFINITY): PlannedEvent | undefined {
    const { strategy, watch, enter } = this.#hooks;
    if (strategy !== undefined) this.#choose(strategy);
    for (;;) {
      if ((this.#queue.nextTick ?? Number.POSITIVE_INFINITY) > upToTick) return undefined;
      const event = this.#queue.take();
      if (event === undefined) return undefined;
      if (this.#detain(event)) continue;
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
    const waiting = this.#paused.get(target) ?? [];
    this.#paused.delete(target);
    for (const event of waiting) this.#queue.postpone(event, this.tick);
  }

  slow(target: number, ticks: number): void {
    if (ticks > 0) this.#slow.set(target, { ticks, freeTick: this.tick });
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
    const choosable = this.#withinSlack(ahead, strategy.slackTicks);
    if (choosable.length < 2) return;
    const chosen = choosable[strategy.choose(choosable)];
    if (chosen === undefined) return;
    let toTick = chosen.tick;
    for (const event of choosable) {
      if (event === chosen) return;
      this.#putOffTo(event, ++toTick);
    }
  }

  /** Those that can come first without putting off another by more than the slack in all: what repeats must not starve what does not. */
  #withinSlack(ahead: readonly PlannedEvent[], slackTicks: number): readonly PlannedEvent[] {
    const enabled = enabledOf(ahead);
    const dueTicks = this.#dueTicksOf(ahead);
    let endTick = Number.POSITIVE_INFINITY;
    const late = enabled.findIndex((event) => {
      if (event.tick >= endTick) return true;
      endTick = Math.min(endTick, (dueTicks.get(event.lane) ?? this.#dueTick(event)) + slackTicks);
      return false;
    });
    return late < 0 ? enabled : enabled.slice(0, late);
  }

  /** When the first of each lane was due: whoever is put off takes those along that wait behind it, and they may have waited longer. */
  #dueTicksOf(ahead: readonly PlannedEvent[]): ReadonlyMap<Lane | undefined, number> {
    const dueTicks = new Map<Lane | undefined, number>();
    for (const event of ahead) {
      const { lane } = event;
      if (lane !== undefined) dueTicks.set(lane, Math.min(dueTicks.get(lane) ?? event.tick, this.#dueTick(event)));
    }
    return dueTicks;
  }

  #dueTick(event: PlannedEvent): number {
    return this.#dueTicks.get(event) ?? event.tick;
  }

  #putOffTo(event: PlannedEvent, toTick: number): void {
    this.#noteDue(event);
    const byTicks = toTick - event.tick;
    this.#hooks.onPutOff?.(event, byTicks);
    this.#postpone(event, toTick);
  }

  #noteDue(event: PlannedEvent): void {
    if (!this.#dueTicks.has(event)) this.#dueTicks.set(event, event.tick);
  }

  #postpone(event: PlannedEvent, toTick: number): void {
    const { lane, tick } = event;
    if (lane !== undefined && lane.toTick < toTick) {
      // What waited behind an earlier putting-off, and has not come due, waits behind this one.
      lane.fromTick = lane.toTick > this.tick ? Math.min(lane.fromTick, tick) : tick;
      lane.toTick = toTick;
    }
    this.#queue.postpone(event, toTick);
  }

  /** Whether an event that was taken is not to run now. */
  #detain(event: PlannedEvent): boolean {
    const { phase, target, lane, tick } = event;
    if (phase < Phase.delivery) return false;
    const paused = this.#paused.get(target);
    if (paused !== undefined) {
      paused.add(event);
      return true;
    }
    if (lane !== undefined && tick >= lane.fromTick && tick < lane.toTick) {
      this.#noteDue(event); // What waits behind one that was put off is put off with it.
      this.#queue.postpone(event, lane.toTick);
      return true;
    }
    return this.#delay(event) || this.#serve(event);
  }

  #delay(event: PlannedEvent): boolean {
    const { delayOf } = this.#hooks;
    if (delayOf === undefined || this.#putOff.has(event)) return false;
    const delayTicks = delayOf(event);
    if (delayTicks <= 0) return false;
    this.#putOff.add(event);
    this.#postpone(event, event.tick + delayTicks);
    return true;
  }

  #serve(event: PlannedEvent): boolean {
    const slowness = this.#slow.get(event.target);
    if (slowness === undefined || event.phase !== Phase.delivery || this.#served.has(event)) return false;
    this.#served.add(event);
    slowness.freeTick = Math.max(slowness.freeTick, event.tick) + slowness.ticks;
    this.#queue.postpone(event, slowness.freeTick);
    return true;
  }
}

/** Those of the next events that could be the next one: the first of each lane, up to what faults or control decide. */
function enabledOf(ahead: readonly PlannedEvent[]): readonly PlannedEvent[] {
  const lanes = new Set<Lane>();
  const enabled: PlannedEvent[] = [];
  for (const event of ahead) {
    const { phase, lane, tick } = event;
    if (phase < Phase.delivery) break;
    if (lane !== undefined) {
      if (lanes.has(lane) || (tick >= lane.fromTick && tick < lane.toTick)) continue;
      lanes.add(lane);
    }
    enabled.push(event);
  }
  return enabled;
}

function nothing(): void {}
