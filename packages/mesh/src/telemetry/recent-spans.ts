import { namePattern } from "@orrery/core/internal";
import { flowTest } from "./debug-watches.ts";
import { SPANS_KEPT_MAX } from "./limits.ts";
import type { Span, SpanFilter } from "./span.ts";
import type { SpanRecord } from "./span-record.ts";

/** The newest spans of a node. I1: at most `SPANS_KEPT_MAX`. They are written out only for who asks. */
export class RecentSpans {
  readonly #spans: SpanRecord[] = [];
  #next = 0;

  add(span: SpanRecord): void {
    this.#spans[this.#next] = span;
    this.#next = (this.#next + 1) % SPANS_KEPT_MAX; // I1
  }

  find({ traceId = "", flow = "", component = "*", minMs = 0, failed = false, limit }: SpanFilter): readonly Span[] {
    const fitsFlow = flowTest(flow);
    const fitsComponent = namePattern(component);
    const inOrder = [...this.#spans.slice(this.#next), ...this.#spans.slice(0, this.#next)];
    const found = inOrder
      .filter(({ start, endMs, outcome }) => {
        if (failed && outcome === "reply") return false;
        return endMs - start.atMs >= minMs && fitsComponent(start.head.component) && fitsFlow(start.flow);
      })
      .map((span) => span.view())
      .filter((span) => span.traceId.startsWith(traceId));
    return limit === undefined ? found : found.slice(Math.max(0, found.length - limit));
  }
}
