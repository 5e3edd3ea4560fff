import { type Clock, type LogLevel, OrreryError } from "@orrery/core";
import { LOG_ANSWER_LINES, LOG_TAIL_LOOK_MS } from "./limits.ts";
import { addressOfLine, levelOfLine } from "./line-facts.ts";
import { type LogFilter, type LogLine, logFilter } from "./log-line.ts";
import { type LogPattern, patternReaches } from "./log-pattern.ts";
import { isKept } from "./log-threshold.ts";
import type { AppLog, LogCursor } from "./system-app-log.ts";

/** An app whose log is read; another of its name has another `created`. */
export interface TailedApp {
  readonly address: string;
  readonly created: number;
}

/** What somebody wants of several logs. */
export interface TailOptions extends Omit<LogFilter, "instance"> {
  readonly pattern: LogPattern;
  readonly level: LogLevel;
  /** The last so many lines of those that are there, of all apps together; all that are kept where it is undefined. */
  readonly lines: number | undefined;
  /** Of apps, by address, only what comes after a number. */
  readonly after: Readonly<Record<string, number>>;
  readonly isFollowed: boolean;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "sleep" | "monotonic">;
  /** Finds the apps, as whoever asks; again now and then. @throws OrreryError where he may not any more */
  readonly find: () => Promise<readonly TailedApp[]>;
  readonly logOf: (app: string) => AppLog;
}

/** A line, and the app that it is of. */
export interface TailedLine {
  readonly app: string;
  readonly line: LogLine;
}

/** Lines that come together. */
export interface TailPiece {
  readonly lines: readonly TailedLine[];
  /** All apps, where they are others than before. */
  readonly apps: readonly string[];
  /** Lines behind `after` that are not kept any more, told once for each app. */
  readonly missed: number;
}

/** Reads the logs of several apps as one, in the order of their times, and follows them. @throws OrreryError `canceled` when the signal says so */
export async function* tailLogs(options: TailOptions): AsyncGenerator<TailPiece> {
  const { isFollowed, signal } = options;
  const tail = new Tail(options);
  const stop = () => tail.wake();
  signal.addEventListener("abort", stop);
  try {
    yield { lines: [], apps: await tail.look(), missed: 0 };
    yield* tail.before();
    while (isFollowed && !signal.aborted) {
      const apps = await tail.whenMore();
      const lines = tail.next();
      for (let at = 0; at < lines.length || at === 0; at += LOG_ANSWER_LINES)
        yield { lines: lines.slice(at, at + LOG_ANSWER_LINES), apps: at === 0 ? apps : [], missed: 0 };
    }
    if (signal.aborted) throw new OrreryError("canceled", "Cannot go on with logs: nobody reads them any more");
  } finally {
    tail.close();
    signal.removeEventListener("abort", stop);
  }
}

interface Followed {
  readonly created: number;
  readonly cursor: LogCursor;
  /** Ends that it is told of. */
  readonly end: () => void;
}

/** Owns: a place in each log. I1: of each log every line is read once, in its order. I2: it holds no more than a piece of each, or the lines asked for. */
class Tail {
  readonly #options: TailOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #isWanted: (line: LogLine) => boolean;
  #isMore: PromiseWithResolvers<void> = Promise.withResolvers();
  #lookedMs = 0;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#isWanted = logFilter(options);
  }

  wake(): void {
    this.#isMore.resolve();
  }

  close(): void {
    for (const { end } of this.#followed.values()) end();
  }

  /** Finds the apps; gives the addresses of all where they are others than before. */
  async look(): Promise<readonly string[]> {
    const { find, logOf, after, clock } = this.#options;
    this.#lookedMs = clock.monotonic();
    const found = new Map((await find()).map((app) => [app.address, app]));
    let isOther = false;
    for (const [address, { created, end }] of this.#followed) {
      if (found.get(address)?.created === created) continue;
      end();
      this.#followed.delete(address);
      isOther = true;
    }
    for (const [address, { created }] of found) {
      if (this.#followed.has(address)) continue;
      const log = logOf(address);
      const end = log.onAdd(() => this.wake());
      this.#followed.set(address, { created, cursor: log.from(after[address] ?? 0), end });
      isOther = true;
    }
    return isOther ? [...found.keys()].sort() : [];
  }

  /** Waits until there is more, or it is time to look for other apps, whatever is written meanwhile. */
  async whenMore(): Promise<readonly string[]> {
    const { clock, signal } = this.#options;
    const late = new AbortController();
    const leftMs = Math.max(0, this.#lookedMs + LOG_TAIL_LOOK_MS - clock.monotonic());
    const lookAgain = clock.sleep(leftMs, late.signal).catch(() => undefined);
    await Promise.race([lookAgain, this.#isMore.promise]);
    late.abort();
    this.#isMore = Promise.withResolvers();
    const isTime = clock.monotonic() - this.#lookedMs >= LOG_TAIL_LOOK_MS;
    return isTime && !signal.aborted ? await this.look() : [];
  }

  /** What came since. */
  next(): readonly TailedLine[] {
    const lines = [...this.#followed].flatMap(([app, { cursor }]) => {
      const all: TailedLine[] = [];
      for (let some = cursor.next(); some.length > 0; some = cursor.next())
        all.push(...some.map((line) => ({ app, line })).filter((one) => this.#isMeant(one)));
      return all;
    });
    return lines.sort((a, b) => a.line.atMs - b.line.atMs);
  }

  /** What is there already. I2 */
  async *before(): AsyncGenerator<TailPiece> {
    const { lines: most, clock } = this.#options;
    const missed = { lines: 0 };
    let held: TailedLine[] = [];
    for (const one of this.#merged(missed)) {
      if (one !== undefined && this.#isMeant(one)) held.push(one);
      if (one === undefined) await clock.sleep(0); // Others are served meanwhile.
      if (most !== undefined && held.length > 2 * most + LOG_ANSWER_LINES) held = most === 0 ? [] : held.slice(-most);
      if (most !== undefined || held.length < LOG_ANSWER_LINES) continue;
      yield { lines: held, apps: [], missed: missed.lines };
      held = [];
      missed.lines = 0;
    }
    if (most !== undefined) held = most === 0 ? [] : held.slice(-most);
    for (let at = 0; at < held.length || (at === 0 && missed.lines > 0); at += LOG_ANSWER_LINES)
      yield { lines: held.slice(at, at + LOG_ANSWER_LINES), apps: [], missed: at === 0 ? missed.lines : 0 };
  }

  /** The lines of all logs, the earliest first; undefined for each piece that was read. */
  *#merged(missed: { lines: number }): Generator<TailedLine | undefined> {
    const { after } = this.#options;
    const heads: { readonly app: string; readonly cursor: LogCursor; piece: readonly LogLine[]; at: number }[] = [];
    for (const [app, { cursor }] of this.#followed) {
      const piece = cursor.next();
      const from = after[app] ?? 0;
      if (from > 0) missed.lines += Math.max(0, (piece[0]?.seq ?? from + 1) - from - 1);
      if (piece.length > 0) heads.push({ app, cursor, piece, at: 0 });
    }
    while (heads.length > 0) {
      const head = heads.reduce((one, other) => (timeOf(other) < timeOf(one) ? other : one));
      yield { app: head.app, line: head.piece[head.at++] as LogLine };
      if (head.at < head.piece.length) continue;
      yield undefined;
      head.piece = head.cursor.next();
      head.at = 0;
      if (head.piece.length === 0) heads.splice(heads.indexOf(head), 1);
    }
  }

  #isMeant({ app, line }: TailedLine): boolean {
    const { pattern, level } = this.#options;
    return (
      this.#isWanted(line) && patternReaches(pattern, addressOfLine(app, line)) && isKept(levelOfLine(line), level)
    );
  }
}

function timeOf({ piece, at }: { readonly piece: readonly LogLine[]; readonly at: number }): number {
  return piece[at]?.atMs ?? Number.POSITIVE_INFINITY;
}
