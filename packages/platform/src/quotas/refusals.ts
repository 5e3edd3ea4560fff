import type { Clock, Log, Timer } from "@orrery/core";
import { isOrreryError } from "@orrery/core";
import type { PlanRefusal } from "@orrery/registry";
import { REFUSAL_TEXT_MAX, REFUSALS_GATHER_MS, REFUSALS_GATHERED_MAX } from "./limits.ts";
import type { RefusalPage, RefusalRecords } from "./sql-refusals.ts";

/** Limits of a plan: those of a whole Space, and memory, at which a process is ended. */
export type MetLimit = PlanRefusal["limit"] | "memory";

/** A limit of a plan that a Space met. */
export interface MetNow {
  readonly space: string;
  readonly plan: string;
  readonly limit: MetLimit;
  /** What was told to whoever was refused. */
  readonly text: string;
}

/** That, over a day of UTC: the first and the last time, in ms since 1970, and how often. */
export interface Refusal extends MetNow {
  readonly since: number;
  readonly last: number;
  readonly times: number;
}

/** Remembers what limits of plans refused, for the owners of Spaces and for operators. */
export interface Refusals extends AsyncDisposable {
  /** Something was refused. It is written soon; many of a day are one. */
  note(met: MetNow): void;
  /** The same of an error, where it says that a plan refused; of others nothing. */
  noteError(error: unknown): void;
  /** The last first. */
  list(page: RefusalPage): Promise<readonly Refusal[]>;
}

/** Options of `createRefusals`. */
export interface RefusalsOptions {
  readonly records: RefusalRecords;
  readonly clock: Clock;
  /** Is told what could not be written. */
  readonly log: Log;
}

/** Makes it. What is gathered is bounded, however much is refused; what cannot be written is told to the log, and harms nobody's work. */
export function createRefusals({ records, clock, log }: RefusalsOptions): Refusals {
  let gathered = new Map<string, Refusal>();
  let timer: Timer | undefined;
  let writing: Promise<void> = Promise.resolve();
  const write = () => {
    timer?.cancel();
    timer = undefined;
    const all = [...gathered.values()];
    gathered = new Map();
    if (all.length > 0)
      writing = writing
        .then(() => records.add(all, clock.now()))
        .catch((error: unknown) =>
          log.error("what plans refused could not be written", { refusals: all.length, error: String(error) }),
        );
    return writing;
  };
  const note = ({ space, plan, limit, text }: MetNow) => {
    const at = Math.floor(clock.now());
    const key = `${space}\n${limit}\n${dayOf(at)}`;
    const known = gathered.get(key);
    if (known === undefined && gathered.size >= REFUSALS_GATHERED_MAX)
      return log.warn("a plan refused something", { space, plan, limit });
    const [since, times] = [known?.since ?? at, (known?.times ?? 0) + 1];
    gathered.set(key, { space, plan, limit, text: text.slice(0, REFUSAL_TEXT_MAX), since, last: at, times });
    timer ??= clock.timer(REFUSALS_GATHER_MS, () => void write());
  };
  return {
    note,
    noteError: (error) => {
      if (!isOrreryError(error) || error.code !== "resource_exhausted") return;
      const { space, plan, limit } = error.details as Partial<PlanRefusal>;
      if (space !== undefined && plan !== undefined && limit !== undefined)
        note({ space, plan, limit, text: error.message });
    },
    list: async (page) => {
      await write();
      return records.list(page);
    },
    [Symbol.asyncDispose]: write,
  };
}

/** The day of a moment, in UTC, counted from 1970. */
export function dayOf(at: number): number {
  return Math.floor(at / 86_400_000);
}
