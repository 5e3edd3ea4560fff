import { OrreryError } from "@orrery/core";
import { describeOperation } from "./describe-operation.ts";
import { svgTimeline } from "./history-svg.ts";
import { textTimeline } from "./history-text.ts";
import { TIMELINE_OPERATIONS_MAX } from "./limits.ts";
import type { Operation } from "./operation.ts";
import type { OperationModel } from "./sequential-model.ts";
import type { TimelineBar } from "./timeline-bar.ts";

/** How a timeline looks. */
export interface HistoryTimelineOptions<I, O> {
  /** `text` goes down the page, a column for each process; `svg` is a picture by itself, a row for each process. Default: `text`. */
  readonly format?: "text" | "svg";
  /** Operations to point at, such as `failure.blocked`. Default: none. */
  readonly marked?: readonly Operation<I, O>[];
  /** Operations in the order found, such as `failure.order`: numbered in the picture. Default: none. */
  readonly order?: readonly Operation<I, O>[];
  /** What stands above a picture. Default: `History`. */
  readonly title?: string;
  /** An operation as a short text, as a model has it. Default: its input and output as they stand. */
  readonly describe?: OperationModel<I, O>["describe"];
}

/**
 * Draws who did what when: a text for a terminal, or a picture for a page. Where nothing happens, no room is taken.
 * @throws OrreryError `invalid_argument` over 2,000 operations: draw a part, such as the operations of a failure
 */
export function historyTimeline<I, O>(
  operations: readonly Operation<I, O>[],
  options: HistoryTimelineOptions<I, O> = {},
): string {
  if (operations.length > TIMELINE_OPERATIONS_MAX)
    throw new OrreryError(
      "invalid_argument",
      `Cannot draw ${operations.length} operations: ${TIMELINE_OPERATIONS_MAX} is the limit, draw a part of them`,
    );
  const { format = "text", marked = [], order = [], title = "History", describe } = options;
  const bars = operations.map((operation): TimelineBar => {
    const place = order.findIndex((other) => isSame(operation, other));
    return {
      label: describeOperation(operation, describe),
      process: operation.process,
      callAt: operation.callAt,
      returnAt: operation.outcome === "unknown" ? Number.POSITIVE_INFINITY : operation.returnAt,
      outcome: operation.outcome,
      isMarked: marked.some((other) => isSame(operation, other)),
      place: place < 0 ? undefined : place + 1,
    };
  });
  return format === "svg" ? svgTimeline(bars, title) : textTimeline(bars);
}

/** A process does one thing at a time. */
function isSame(a: Operation<unknown, unknown>, b: Operation<unknown, unknown>): boolean {
  return a === b || (a.process === b.process && a.callAt === b.callAt && a.input === b.input);
}
