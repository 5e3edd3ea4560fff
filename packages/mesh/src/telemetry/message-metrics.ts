import { REASONS } from "@orrery/core";
import type { Head } from "@orrery/core/internal";
import { TimeHistogram } from "./histogram.ts";
import { METHODS_COUNTED_MAX } from "./limits.ts";
import type { Metric, MetricSample } from "./metric.ts";

/** What of a head messages are counted by. */
type Named = Pick<Head, "component" | "method">;

/** What is counted of one method, at one side. */
export class MethodCounts {
  readonly component: string;
  readonly method: string;
  readonly times = new TimeHistogram();
  readonly waits = new TimeHistogram();
  /** Those that ended well: nearly all, so they are counted without a look at anything. */
  replies = 0;
  readonly #outcomes = new Map<string, Map<string, number>>();

  constructor({ component, method }: Named) {
    this.component = component;
    this.method = method;
  }

  /** One whose handler has ended, that long after it came. */
  handled(ms: number, outcome: string): void {
    this.times.add(ms);
    if (outcome === "reply") this.replies++;
    else this.ended(outcome);
  }

  /** One that did not end well. */
  ended(outcome: string, reason = ""): void {
    let reasons = this.#outcomes.get(outcome);
    if (reasons === undefined) {
      reasons = new Map();
      this.#outcomes.set(outcome, reasons);
    }
    // A reason comes from the peer, and may be anything.
    const known = Object.hasOwn(REASONS, reason) ? reason : "";
    reasons.set(known, (reasons.get(known) ?? 0) + 1);
  }

  outcomes(): readonly MetricSample[] {
    const { component, method } = this;
    const sample = (outcome: string, reason: string, value: number) => ({
      labels: { component, method, outcome, reason },
      value,
    });
    const replies = this.replies === 0 ? [] : [sample("reply", "", this.replies)];
    const others = [...this.#outcomes].flatMap(([outcome, reasons]) =>
      [...reasons].map(([reason, value]) => sample(outcome, reason, value)),
    );
    return [...replies, ...others];
  }
}

/** The methods of one side. I1: at most `METHODS_COUNTED_MAX`, and one for all others. */
export class MethodTable {
  readonly #methods = new Map<string, Map<string, MethodCounts>>();
  readonly #byHead = new WeakMap<Named, MethodCounts>();
  #others: MethodCounts | undefined;
  #size = 0;
  #lastHead: Named | undefined;
  #last: MethodCounts | undefined;

  of(head: Named): MethodCounts {
    if (head === this.#lastHead && this.#last !== undefined) return this.#last;
    let counts = this.#byHead.get(head);
    if (counts === undefined) {
      counts = this.#find(head);
      this.#byHead.set(head, counts);
    }
    this.#lastHead = head;
    this.#last = counts;
    return counts;
  }

  /** The counts of a method if it is known, else those of all others: a peer may name what there is not. */
  known({ component, method }: Named): MethodCounts {
    return this.#methods.get(component)?.get(method) ?? this.#rest;
  }

  get #rest(): MethodCounts {
    this.#others ??= new MethodCounts({ component: "other", method: "other" });
    return this.#others;
  }

  all(): readonly MethodCounts[] {
    const named = [...this.#methods.values()].flatMap((methods) => [...methods.values()]);
    return this.#others === undefined ? named : [...named, this.#others];
  }

  #find(head: Named): MethodCounts {
    const known = this.#methods.get(head.component)?.get(head.method);
    if (known !== undefined) return known;
    if (this.#size >= METHODS_COUNTED_MAX) return this.#rest; // I1
    const counts = new MethodCounts(head);
    const methods = this.#methods.get(head.component) ?? new Map<string, MethodCounts>();
    this.#methods.set(head.component, methods.set(head.method, counts));
    this.#size++;
    return counts;
  }
}

/** Counts and times of a node's messages, of those that it sends and those that it is sent. */
export class MessageMetrics {
  readonly sent = new MethodTable();
  readonly handled = new MethodTable();

  collect(): readonly Metric[] {
    const sent = this.sent.all();
    const handled = this.handled.all();
    const labels = ({ component, method }: MethodCounts) => ({ component, method });
    return [
      {
        name: "orrery_sent_total",
        help: "Messages that this node sent, by how they ended for it.",
        type: "counter",
        samples: sent.flatMap((one) => one.outcomes()),
      },
      {
        name: "orrery_sent_seconds",
        help: "From the sending of a message until its outcome, for messages with an end of time.",
        type: "histogram",
        samples: sent.map((one) => one.times.sample(labels(one))),
      },
      {
        name: "orrery_handled_total",
        help: "Messages that came to this node, by how they ended here.",
        type: "counter",
        samples: handled.flatMap((one) => one.outcomes()),
      },
      {
        name: "orrery_handled_seconds",
        help: "From the arrival of a message until its handler has ended.",
        type: "histogram",
        samples: handled.map((one) => one.times.sample(labels(one))),
      },
      {
        name: "orrery_queue_wait_seconds",
        help: "From the arrival of a message until its handler began.",
        type: "histogram",
        samples: handled.map((one) => one.waits.sample(labels(one))),
      },
    ];
  }
}
