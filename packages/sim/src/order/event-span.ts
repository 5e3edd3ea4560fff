import { compareWithinRound, type EventKey } from "./event-key.ts";

/** An event that knows its place in the span that holds it. */
export interface SpannedEvent extends EventKey {
  at: number;
}

/**
 * The events of a short stretch of time. Owns: their places. I1: the events of a span that has been ordered are a binary heap by their keys;
 * those of any other stand as they came, so that adding and removing cost nothing until its time has come.
 */
export interface Span<E extends SpannedEvent> {
  readonly size: number;
  /** The first event by its key. Orders the span. */
  first(): E | undefined;
  /** Removes the first event. */
  shift(): E | undefined;
  add(event: E): void;
  /** Removes an event that is in it. */
  remove(event: E): void;
  /** Events up to a tick, in no order; looks at few others. Orders the span. */
  upTo(tick: number): readonly E[];
}

/** Makes an empty span. */
export function createSpan<E extends SpannedEvent>(): Span<E> {
  return new HeapSpan<E>();
}

/** Compares two events of one world: whether the first comes before the second. */
export function isBefore(a: EventKey, b: EventKey): boolean {
  if (a.tick !== b.tick) return a.tick < b.tick;
  if (a.round !== b.round) return a.round < b.round;
  return compareWithinRound(a, b) < 0;
}

class HeapSpan<E extends SpannedEvent> implements Span<E> {
  readonly #events: E[] = [];
  #isOrdered = false;

  get size(): number {
    return this.#events.length;
  }

  first(): E | undefined {
    if (!this.#isOrdered) this.#order();
    return this.#events[0];
  }

  shift(): E | undefined {
    const first = this.first();
    if (first !== undefined) this.remove(first);
    return first;
  }

  add(event: E): void {
    const at = this.#events.length;
    event.at = at;
    this.#events.push(event);
    if (this.#isOrdered) this.#rise(event, at);
  }

  remove(event: E): void {
    const { at } = event;
    const last = this.#events.pop();
    if (last === undefined || last === event) return;
    if (this.#isOrdered && !this.#rise(last, at)) this.#sink(last, at);
    else if (!this.#isOrdered) this.#place(last, at);
  }

  upTo(tick: number): readonly E[] {
    if (!this.#isOrdered) this.#order();
    const found: E[] = [];
    this.#collect(0, tick, found);
    return found;
  }

  #order(): void {
    this.#isOrdered = true;
    for (let at = (this.#events.length >> 1) - 1; at >= 0; at--) this.#sink(this.#events[at] as E, at); // I1
  }

  #place(event: E, at: number): void {
    this.#events[at] = event;
    event.at = at;
  }

  /** Lets an event rise from a place; false when it stays there. */
  #rise(event: E, from: number): boolean {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#events[parent] as E;
      if (!isBefore(event, above)) break;
      this.#place(above, at);
      at = parent;
    }
    this.#place(event, at);
    return at !== from;
  }

  #sink(event: E, from: number): void {
    const events = this.#events;
    let at = from;
    for (let child = 2 * at + 1; child < events.length; child = 2 * at + 1) {
      if (child + 1 < events.length && isBefore(events[child + 1] as E, events[child] as E)) child++;
      const below = events[child] as E;
      if (isBefore(event, below)) break;
      this.#place(below, at);
      at = child;
    }
    this.#place(event, at);
  }

  /** Below an event that is too late all are. */
  #collect(at: number, tick: number, found: E[]): void {
    const event = this.#events[at];
    if (event === undefined || event.tick > tick) return;
    found.push(event);
    this.#collect(2 * at + 1, tick, found);
    this.#collect(2 * at + 2, tick, found);
  }
}
