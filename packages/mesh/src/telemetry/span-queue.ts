import type { Clock, Timer } from "@orrery/core";
import { EXPORT_EVERY_MS, EXPORT_TIMEOUT_MS, SPANS_BATCH_MAX, SPANS_WAITING_MAX } from "./limits.ts";
import { PackedSpans } from "./packed-spans.ts";
import type { Span } from "./span.ts";
import type { SpanRecord } from "./span-record.ts";

/** Options of a queue of spans. */
export interface SpanQueueOptions {
  /** Asked for when it is needed: the clock of a node that there may not be yet. */
  readonly clock: () => Clock;
  readonly export: (spans: readonly Span[]) => void | Promise<void>;
  /** Told of an export that failed. */
  readonly onFailure: (thrown: unknown) => void;
}

/**
 * The spans that wait for one exporter. I1: at most `SPANS_WAITING_MAX`; what comes on top is dropped and counted. I2: the exporter is given one
 * batch at a time. I3: a batch that failed, or took longer than `EXPORT_TIMEOUT_MS`, is gone, and counted. I4: adding one never waits.
 */
export class SpanQueue {
  readonly #options: SpanQueueOptions;
  /** Batches that wait, the first first; all but the last are full. */
  readonly #batches: PackedSpans[] = [];
  /** One that was exported: its room is used again. */
  #spare: PackedSpans | undefined;
  #waiting = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  exported = 0;
  dropped = 0;
  failed = 0;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  add(span: SpanRecord): void {
    if (this.#waiting >= SPANS_WAITING_MAX) {
      this.dropped++; // I1
      return;
    }
    this.#open().add(span);
    this.#waiting++;
    if (this.#sending === undefined) this.#timer ??= this.#options.clock().timer(EXPORT_EVERY_MS, () => this.#send());
    if (this.#waiting >= SPANS_BATCH_MAX) this.#send();
  }

  /** Exports all that waits, and resolves when that is done. */
  async flush(): Promise<void> {
    while (this.#waiting > 0 || this.#sending !== undefined) {
      this.#send();
      await this.#sending;
    }
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#sending !== undefined) return; // I2
    const packed = this.#batches.shift();
    if (packed === undefined) return;
    const batch = packed.views();
    this.#waiting -= batch.length;
    packed.clear();
    this.#spare = packed;
    this.#sending = this.#export(batch).then(() => {
      this.#sending = undefined;
      if (this.#waiting >= SPANS_BATCH_MAX) this.#send();
      else if (this.#waiting > 0) this.#timer = this.#options.clock().timer(EXPORT_EVERY_MS, () => this.#send());
    });
  }

  /** The batch that the next span goes to. */
  #open(): PackedSpans {
    const last = this.#batches.at(-1);
    if (last !== undefined && !last.isFull) return last;
    const next = this.#spare ?? new PackedSpans(SPANS_BATCH_MAX);
    this.#spare = undefined;
    this.#batches.push(next);
    return next;
  }

  async #export(batch: readonly Span[]): Promise<void> {
    const { clock, onFailure } = this.#options;
    const given = new AbortController();
    const late = clock()
      .sleep(EXPORT_TIMEOUT_MS, given.signal)
      .then(() => {
        throw new Error(`an export took longer than ${EXPORT_TIMEOUT_MS} ms`);
      });
    late.catch(() => undefined); // Also rejects when nobody waits for it any more.
    try {
      const exported = this.#options.export(batch);
      if (exported instanceof Promise) await Promise.race([exported, late]);
      this.exported += batch.length;
    } catch (thrown) {
      this.failed += batch.length; // I3
      onFailure(thrown);
    } finally {
      given.abort();
    }
  }
}
