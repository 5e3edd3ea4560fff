/**
 * How an operation ended: `ok` with an output, `fail` when it certainly had no effect, `unknown` when nobody can tell: it may take
 * effect at any time after its call, or never.
 */
export type OperationOutcome = "ok" | "fail" | "unknown";

/** One operation of a history: what a process asked of the system, when, and what came of it. */
export interface Operation<I, O> {
  /** Who asked. A process has at most one operation at a time, and no further one after an unknown outcome. */
  readonly process: number;
  readonly input: I;
  /** What came back; absent, or undefined, where nothing is known of it or nothing comes back. */
  readonly output?: O | undefined;
  /** When it was asked, by any clock that all processes share. */
  readonly callAt: number;
  /** When its outcome was known by the same clock; `Infinity` when it never was. */
  readonly returnAt: number;
  readonly outcome: OperationOutcome;
}
