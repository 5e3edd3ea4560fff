import { createNumberHeap } from "@orrery/core/internal";
import type { Frame } from "../network/frame.ts";
import type { EventKey, Phase } from "./event-key.ts";
import { createSpan, isBefore, type Span } from "./event-span.ts";
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
  /** Tick for which it was planned, before anything put it off. */
  readonly dueTick: number;
  /** True until it is taken or cancelled. */
  readonly pending: boolean;
}

/**
 * Everything that will happen in a world, in its order. Owns: the planned events by spans of time.
 * I1: events come out in the order of their keys, whatever the order in which they were added. I2: what is added for the tick that is
 * under way comes a round later than what is under way. I3: adding, cancelling and taking cost the same for ten events as for a million,
 * but for the logarithms of the number of spans and of what the nearest one holds.
 */
export interface EventQueue {
  /** Events that are planned. */
  readonly size: number;
  /** Tick of the event taken last, or the one gone on to since. */
  readonly tick: number;
  /** Tick of the next event; undefined when there is none. */
  readonly nextTick: number | undefined;
  /** The next event, without taking it. */
  readonly first: PlannedEvent | undefined;
  /** Plans an event. @throws Error for a tick that is over, or no whole number. */
  add(plan: EventPlan): PlannedEvent;
  /** Takes an event back; harmless when it was taken already. */
  cancel(event: PlannedEvent): void;
  /** Takes the next event, and goes on to its tick. */
  take(): PlannedEvent | undefined;
  /** Puts an event off to a later tick, a cancelled one as well as one that is pending. It keeps its place among those of its origin. */
  postpone(event: PlannedEvent, tick: number): void;
  /** The next events in their order, without taking them: those up to `slackTicks` after the first, `max` at most. */
  ahead(slackTicks: number, max: number): readonly PlannedEvent[];
  /** Goes on to a tick with nothing before it, without taking anything. @throws Error when an event stands before it. */
  advance(tick: number): void;
}

/** Makes an empty queue that stands at tick 0. */
export function createEventQueue(): EventQueue {
  return new SpanQueue();
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
  readonly dueTick: number;
  pending = true;
  /** Place in its span. */
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
    this.dueTick = plan.tick;
  }
}

/** Ticks of a span: about 4 ms. Shorter ones are too many, longer ones hold too much of a large world. */
const SPAN_TICKS = 4096;

class SpanQueue implements EventQueue {
  size = 0;
  tick = 0;
  #round = 0;
  /** Whether something of the tick has been taken, so that what comes to it now is of a later round. */
  #begun = false;
  readonly #spans = new Map<number, Span<QueuedEvent>>();
  readonly #numbers = createNumberHeap();
  /** The span looked up last is most often that of the next event. */
  #lastNumber = -1;
  #lastSpan: Span<QueuedEvent> | undefined;

  get nextTick(): number | undefined {
    return this.first?.tick;
  }

  get first(): PlannedEvent | undefined {
    return this.#earliest()?.first();
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
    const number = numberOf(event.tick);
    const span = this.#find(number);
    span?.remove(event);
    if (span?.size === 0) this.#forget(number);
    if (this.#numbers.size > 2 * this.#spans.size + 64) this.#numbers.rebuild(this.#spans.keys());
  }

  take(): PlannedEvent | undefined {
    const span = this.#earliest();
    const event = span?.shift();
    if (event === undefined) return undefined;
    if (span?.size === 0) this.#forget(numberOf(event.tick));
    event.pending = false;
    this.size--;
    this.tick = event.tick;
    this.#round = event.round;
    this.#begun = true;
    return event;
  }

  postpone(planned: PlannedEvent, tick: number): void {
    const event = planned as QueuedEvent;
    this.cancel(event);
    event.tick = tick;
    event.pending = true;
    this.#put(event);
  }

  ahead(slackTicks: number, max: number): readonly PlannedEvent[] {
    const first = this.nextTick;
    if (first === undefined) return [];
    const lastTick = first + slackTicks;
    const found: QueuedEvent[] = [];
    for (const number of new Set(this.#numbers.upTo(numberOf(lastTick)))) {
      if (found.length >= max) break;
      found.push(...(this.#spans.get(number)?.upTo(lastTick) ?? []));
    }
    return found.sort((a, b) => (isBefore(a, b) ? -1 : 1)).slice(0, max);
  }

  advance(tick: number): void {
    const next = this.nextTick;
    if (next !== undefined && next < tick) throw new Error(`Cannot go on to tick ${tick}: an event stands at ${next}`);
    if (tick <= this.tick) return;
    this.tick = tick;
    this.#round = 0;
    this.#begun = false;
  }

  #put(event: QueuedEvent): void {
    event.round = event.tick === this.tick && this.#begun ? this.#round + 1 : 0; // I2
    const number = numberOf(event.tick);
    let span = this.#find(number);
    if (span === undefined) {
      span = createSpan<QueuedEvent>();
      this.#spans.set(number, span);
      this.#numbers.push(number);
      this.#remember(number, span);
    }
    span.add(event);
    this.size++;
  }

  #find(number: number): Span<QueuedEvent> | undefined {
    if (number === this.#lastNumber) return this.#lastSpan;
    const span = this.#spans.get(number);
    if (span !== undefined) this.#remember(number, span);
    return span;
  }

  #remember(number: number, span: Span<QueuedEvent> | undefined): void {
    this.#lastNumber = number;
    this.#lastSpan = span;
  }

  #forget(number: number): void {
    this.#spans.delete(number);
    if (number === this.#lastNumber) this.#remember(-1, undefined);
  }

  #earliest(): Span<QueuedEvent> | undefined {
    for (let number = this.#numbers.first; number !== undefined; number = this.#numbers.first) {
      const span = this.#find(number);
      if (span !== undefined) return span;
      this.#numbers.pop(); // All of its events were taken or cancelled.
    }
    return undefined;
  }
}

function numberOf(tick: number): number {
  return Math.floor(tick / SPAN_TICKS);
}
