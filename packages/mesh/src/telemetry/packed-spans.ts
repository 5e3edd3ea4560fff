import { type Head, TraceFlag } from "@orrery/core/internal";
import { hexOf, wordOf } from "./hex.ts";
import type { Span, SpanMoment } from "./span.ts";
import type { SpanRecord } from "./span-record.ts";

/** Where the numbers of a span stand in its part of the row. */
const AT = {
  traceId: 0,
  spanId: 4,
  parentId: 6,
  begin: 8,
  end: 9,
  /** What makes wall time of the other times. */
  wall: 10,
  message: 11,
  flow: 12,
  parentFlow: 13,
  side: 14,
  watched: 15,
  moments: 16,
  /** Which moment, and when, for each. */
  moment: 17,
} as const;

/** Each is told once, but for the answer of a stream that is broken off. */
const MOMENTS_MAX = 4;
const NUMBERS = AT.moment + 2 * MOMENTS_MAX;
/** Node, instance, node and name of the flow, outcome and reason. */
const TEXTS = 6;
const ROOM_FIRST = 16;

const SIDES: readonly Span["side"][] = ["sender", "receiver"];
const MOMENTS: readonly SpanMoment["name"][] = ["sent", "started", "ended", "replied"];

/**
 * Finished spans, as numbers in one long row, and texts that are there anyway. Spans wait for exporters and are kept for who asks: as objects, each
 * would be moved by the collector more than once, which costs more than to make it. I1: the row grows by doubling, up to `spansMax`.
 */
export class PackedSpans {
  readonly #spansMax: number;
  #numbers = new Float64Array(0);
  readonly #heads: Head[] = [];
  readonly #texts: string[] = [];
  #size = 0;

  constructor(spansMax: number) {
    this.#spansMax = spansMax;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.#spansMax;
  }

  /** Forgets all of them, and keeps the room. */
  clear(): void {
    this.#size = 0;
  }

  /** Writes a span behind the others. */
  add(span: SpanRecord): void {
    if (this.#size * NUMBERS === this.#numbers.length) this.#grow();
    this.set(this.#size++, span);
  }

  /** Writes a span in the place of another. */
  set(index: number, span: SpanRecord): void {
    const { node, instance, head, flow } = span.start;
    this.#heads[index] = head;
    const texts = this.#texts;
    const at = index * TEXTS;
    texts[at] = node;
    texts[at + 1] = instance;
    texts[at + 2] = flow === undefined ? head.source.node : flow.node;
    texts[at + 3] = flow === undefined ? "" : flow.name;
    texts[at + 4] = span.outcome;
    texts[at + 5] = span.reason;
    this.#write(index * NUMBERS, span);
  }

  /** All of them, from a place on and then from the first. */
  views(from = 0): readonly Span[] {
    return Array.from({ length: this.#size }, (_, index) => this.#view((from + index) % this.#size));
  }

  #write(at: number, { start, moments, endMs }: SpanRecord): void {
    const { trace, parentId, side, message, flow, atMs, wallMs } = start;
    const { traceId, spanId, flags } = trace;
    const numbers = this.#numbers;
    for (let word = 0; word < 4; word++) numbers[at + AT.traceId + word] = wordOf(traceId, word * 4);
    for (let word = 0; word < 2; word++) {
      numbers[at + AT.spanId + word] = wordOf(spanId, word * 4);
      numbers[at + AT.parentId + word] = parentId === undefined ? 0 : wordOf(parentId, word * 4);
    }
    numbers[at + AT.begin] = atMs;
    numbers[at + AT.end] = endMs;
    numbers[at + AT.wall] = wallMs;
    numbers[at + AT.message] = message;
    numbers[at + AT.flow] = flow === undefined ? message : flow.id;
    numbers[at + AT.parentFlow] = flow === undefined ? 0 : flow.parentId;
    numbers[at + AT.side] = side === "sender" ? 0 : 1;
    numbers[at + AT.watched] = flags & TraceFlag.watched;
    const count = Math.min(moments.length, MOMENTS_MAX);
    numbers[at + AT.moments] = count;
    for (let index = 0; index < count; index++) {
      const moment = moments[index] as SpanRecord["moments"][number];
      numbers[at + AT.moment + 2 * index] = MOMENTS.indexOf(moment.name);
      numbers[at + AT.moment + 2 * index + 1] = moment.atMs;
    }
  }

  #view(index: number): Span {
    const { component, method, mode } = this.#heads[index] as Head;
    const numbers = this.#numbers;
    const at = index * NUMBERS;
    const number = (place: number) => numbers[at + place] as number;
    const text = (place: number) => this.#texts[index * TEXTS + place] as string;
    const wallMs = number(AT.wall);
    const hasParent = number(AT.parentId) !== 0 || number(AT.parentId + 1) !== 0;
    const moments: SpanMoment[] = [];
    for (let place = AT.moment; place < AT.moment + 2 * number(AT.moments); place += 2)
      moments.push({ name: MOMENTS[number(place)] as SpanMoment["name"], atMs: number(place + 1) + wallMs });
    return {
      traceId: hexOf(numbers, at + AT.traceId, 4),
      spanId: hexOf(numbers, at + AT.spanId, 2),
      parentId: hasParent ? hexOf(numbers, at + AT.parentId, 2) : "",
      side: SIDES[number(AT.side)] as Span["side"],
      node: text(0),
      instance: text(1),
      component,
      method,
      mode,
      message: number(AT.message),
      flow: { id: number(AT.flow), node: text(2), name: text(3), parentId: number(AT.parentFlow) },
      startMs: number(AT.begin) + wallMs,
      durationMs: number(AT.end) - number(AT.begin),
      moments,
      outcome: text(4) as Span["outcome"],
      reason: text(5),
      watched: number(AT.watched) !== 0,
    };
  }

  #grow(): void {
    const spans = Math.min(this.#spansMax, Math.max(ROOM_FIRST, this.#size * 2)); // I1
    const grown = new Float64Array(spans * NUMBERS);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }
}
