import { type Clock, OrreryError } from "@orrery/core";
import { LOG_ANSWER_LINES } from "./limits.ts";
import { type LogFilter, type LogLine, logFilter } from "./log-line.ts";
import type { AppLog } from "./system-app-log.ts";

/** What somebody wants of a log. */
export interface ReadLogOptions extends LogFilter {
  /** The last so many of those that are there; all that are kept where it is undefined. */
  readonly lines: number | undefined;
  /** Only what comes after this number; 0 for all. */
  readonly after: number;
  /** Whether what comes later is told, too. */
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
}

/** Lines that come together. */
export interface LogPiece {
  readonly lines: readonly LogLine[];
  /** Lines behind `after` that are not kept any more, told once. */
  readonly missed: number;
}

/** Reads a log from where somebody was, and follows it. @throws OrreryError `canceled` when the signal says so */
export async function* readLog(
  log: AppLog,
  options: ReadLogOptions,
  clock: Pick<Clock, "sleep">,
): AsyncGenerator<LogPiece> {
  const { lines: most = Number.POSITIVE_INFINITY, after, isFollowed, signal } = options;
  const isWanted = logFilter(options);
  const cursor = log.from(after);
  let isMore: PromiseWithResolvers<void> = Promise.withResolvers();
  const end = log.onAdd(() => isMore.resolve());
  const stop = () => isMore.resolve();
  signal.addEventListener("abort", stop);
  try {
    const { first, missed } = await theLast(cursor, { most, after, isWanted, clock });
    for (let at = 0; at < first.length || (at === 0 && missed > 0); at += LOG_ANSWER_LINES)
      yield { lines: first.slice(at, at + LOG_ANSWER_LINES), missed: at === 0 ? missed : 0 };
    while (isFollowed && !signal.aborted) {
      isMore = Promise.withResolvers();
      const lines = cursor.next();
      if (lines.length === 0) await isMore.promise;
      const wanted = lines.filter(isWanted);
      for (let at = 0; at < wanted.length; at += LOG_ANSWER_LINES)
        yield { lines: wanted.slice(at, at + LOG_ANSWER_LINES), missed: 0 };
    }
    if (signal.aborted) throw new OrreryError("canceled", "Cannot go on with a log: nobody reads it any more");
  } finally {
    end();
    signal.removeEventListener("abort", stop);
  }
}

interface LastOptions {
  readonly most: number;
  readonly after: number;
  readonly isWanted: (line: LogLine) => boolean;
  readonly clock: Pick<Clock, "sleep">;
}

/** All that is there, of which only the last lines are kept. */
async function theLast(
  cursor: { next(): readonly LogLine[] },
  { most, after, isWanted, clock }: LastOptions,
): Promise<{ readonly first: readonly LogLine[]; readonly missed: number }> {
  let first: LogLine[] = [];
  let missed: number | undefined;
  for (let lines = cursor.next(); lines.length > 0; lines = cursor.next()) {
    missed ??= after === 0 ? 0 : Math.max(0, (lines[0]?.seq ?? 0) - after - 1);
    first.push(...lines.filter(isWanted));
    if (first.length > most) first = most === 0 ? [] : first.slice(-most);
    await clock.sleep(0); // Others are served meanwhile.
  }
  return { first, missed: missed ?? 0 };
}
