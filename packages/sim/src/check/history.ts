import { isOrreryError, OrreryError, type Outcome } from "@orrery/core";
import { describeValue } from "./describe-operation.ts";
import { HISTORY_OPERATIONS_MAX } from "./limits.ts";
import type { Operation, OperationOutcome } from "./operation.ts";

/** Options of a history. */
export interface HistoryOptions {
  /** The clock that all processes share, in any unit: of a world, `() => world.elapsedMs`. */
  readonly now: () => number;
}

/** Options of one recorded call. */
export interface RecordOptions<O> {
  /**
   * What a declared error says as an output, such as `false` for "is locked already". Undefined, the default, says nothing: the
   * handler ran and refused, and the operation counts as unknown, for it may have done something before.
   */
  readonly declared?: (error: OrreryError) => O | undefined;
}

/** An operation under way. Exactly one of its methods ends it; one that is never ended counts as unknown. */
export interface OpenOperation<O> {
  /** It took effect, and this came back. */
  ok(output: O): void;
  /** It certainly had no effect and never will. */
  fail(): void;
  /** Nobody can tell: it may take effect later or never. Its process makes no further operation; its caller goes on as a new one. */
  unknown(): void;
}

/** Records who asked what and when, and what came of it: what checkers read. */
export interface OperationHistory<I, O> {
  /**
   * Begins an operation. After an unknown outcome the same number stands for a new process, with a fresh number in the history.
   * @throws OrreryError `failed_precondition` while the process has an operation open, `resource_exhausted` over a million operations
   */
  invoke(process: number, input: I): OpenOperation<O>;
  /**
   * Records a call from beginning to end and gives its outcome. A reply is `ok`; a failure is `fail` if the message was certainly not
   * executed, and otherwise unknown. What is no `OrreryError` is thrown on, after the operation was recorded as unknown.
   */
  record(process: number, input: I, call: () => Promise<O>, options?: RecordOptions<O>): Promise<Outcome<O>>;
  /** All operations so far, in the order of their calls. */
  operations(): readonly Operation<I, O>[];
}

/**
 * Makes an empty history.
 * @example
 * const history = createHistory<MapInput<string>, string>({ now: () => world.elapsedMs });
 * await history.record(0, { kind: "get", key: "a" }, () => store.get({ key: "a" }));
 * const result = checkLinearizability(mapModel<string>(), history.operations());
 */
export function createHistory<I, O>(options: HistoryOptions): OperationHistory<I, O> {
  return new RecordedHistory(options.now);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class RecordedHistory<I, O> implements OperationHistory<I, O> {
  readonly #now: () => number;
  readonly #operations: Mutable<Operation<I, O>>[] = [];
  /** Number in the history of each number that callers use. */
  readonly #processes = new Map<number, number>();
  readonly #taken = new Set<number>();
  /** Input of the open operation of each number that callers use. */
  readonly #open = new Map<number, I>();
  #highest = -1;

  constructor(now: () => number) {
    this.#now = now;
  }

  operations(): readonly Operation<I, O>[] {
    return this.#operations.map((operation) => ({ ...operation }));
  }

  invoke(process: number, input: I): OpenOperation<O> {
    this.#assertFree(process);
    const operation: Mutable<Operation<I, O>> = {
      process: this.#processOf(process),
      input,
      callAt: this.#now(),
      returnAt: Number.POSITIVE_INFINITY,
      outcome: "unknown",
    };
    this.#operations.push(operation);
    this.#open.set(process, input);
    let ended = false;
    const end = (outcome: OperationOutcome) => {
      if (ended) throw refused(`Cannot end ${describeValue(input)} of process ${process}: it has ended, end it once`);
      ended = true;
      this.#open.delete(process);
      operation.outcome = outcome;
      if (outcome === "unknown") this.#processes.delete(process);
      else operation.returnAt = this.#now();
    };
    return {
      ok: (output) => {
        end("ok");
        operation.output = output;
      },
      fail: () => end("fail"),
      unknown: () => end("unknown"),
    };
  }

  async record(process: number, input: I, call: () => Promise<O>, options: RecordOptions<O> = {}): Promise<Outcome<O>> {
    const operation = this.invoke(process, input);
    try {
      const value = await call();
      operation.ok(value);
      return { kind: "reply", definite: true, value };
    } catch (thrown) {
      if (!isOrreryError(thrown)) {
        operation.unknown();
        throw thrown;
      }
      const output = thrown.kind === "error" ? options.declared?.(thrown) : undefined;
      if (output !== undefined) operation.ok(output);
      else if (neverExecuted(thrown)) operation.fail();
      else operation.unknown();
      return { kind: thrown.kind, definite: thrown.definite, error: thrown };
    }
  }

  #assertFree(process: number): void {
    const open = this.#open.get(process);
    if (this.#open.has(process))
      throw refused(
        `Cannot invoke for process ${process}: its ${describeValue(open)} is still open, end that or use another process`,
      );
    if (this.#operations.length >= HISTORY_OPERATIONS_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot record more operations: the history has ${HISTORY_OPERATIONS_MAX}, check it and begin another`,
      );
  }

  /** A number that was used up by an unknown outcome, or that another caller got as a fresh one, becomes a fresh one. */
  #processOf(caller: number): number {
    const known = this.#processes.get(caller);
    if (known !== undefined) return known;
    const process = this.#taken.has(caller) ? this.#highest + 1 : caller;
    this.#highest = Math.max(this.#highest, process);
    this.#taken.add(process);
    this.#processes.set(caller, process);
    return process;
  }
}

/** A definite error or defect has certainly finished, but not without effect; every other definite failure was never executed. */
function neverExecuted(error: OrreryError): boolean {
  return error.definite && error.kind !== "error" && error.kind !== "defect";
}

function refused(message: string): OrreryError {
  return new OrreryError("failed_precondition", message);
}
