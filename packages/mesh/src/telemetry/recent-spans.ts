import { namePattern } from "@orrery/core/internal";
import { flowTest } from "./debug-watches.ts";
import { SPANS_KEPT_MAX } from "./limits.ts";
import { PackedSpans } from "./packed-spans.ts";
import type { Span, SpanFilter } from "./span.ts";
import type { SpanRecord } from "./span-record.ts";

/** The newest spans of a node. I1: at most `SPANS_KEPT_MAX`. They are written out only for who asks. */
export class RecentSpans {
  readonly #spans = new PackedSpans(SPANS_KEPT_MAX);
  /** Where the oldest is, once there is no room left. */
  #oldest = 0;

  add(span: SpanRecord): void {
    if (this.#spans.isFull) {
      this.#spans.set(this.#oldest, span);
      this.#oldest = (this.#oldest + 1) % SPANS_KEPT_MAX; // I1
    } else this.#spans.add(span);
  }

  find({ traceId = "", flow = "", component = "*", minMs = 0, failed = false, limit }: SpanFilter): readonly Span[] {
    const fitsFlow = flowTest(flow);
    const fitsComponent = namePattern(component);
    const found = this.#spans.views(this.#oldest).filter((span) => {
      if (failed && span.outcome === "reply") return false;
      const fits = span.durationMs >= minMs && fitsComponent(span.component) && fitsFlow(span.flow);
      return fits && span.traceId.startsWith(traceId);
    });
    return limit === undefined ? found : found.slice(Math.max(0, found.length - limit));
  }
}
