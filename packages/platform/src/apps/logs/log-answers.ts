import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Clock, OrreryError } from "@orrery/core";
import { type Registry, type ResourceView, withPauses } from "@orrery/registry";
import type {
  ReadLogRequest,
  ReadLogResponseSchema,
  TailLogsRequest,
  TailLogsResponseSchema,
} from "../../gen/orrery/apps/v1/apps_pb.ts";
import { findTailed } from "./find-tailed.ts";
import { LOG_CHECK_MS, LOG_LINES_MAX, LOG_READERS_MAX } from "./limits.ts";
import { LOG_STREAMS, type LogLine } from "./log-line.ts";
import { parseLogPattern } from "./log-pattern.ts";
import { LOG_THRESHOLDS } from "./log-threshold.ts";
import { readLog } from "./read-log.ts";
import type { AppLogs } from "./system-app-logs.ts";
import { tailLogs } from "./tail-logs.ts";

/** What a request for a log is answered from. */
export interface LogAnswerOptions {
  readonly app: Pick<ResourceView, "address" | "created">;
  /** Undefined as long as no app runs. */
  readonly logs: Pick<AppLogs, "of"> | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How many read just now. */
  readonly reading: { now: number };
  /** Reads the app again, as who asked. @throws OrreryError where it is gone, or not to be read any more */
  readonly check: () => Promise<Pick<ResourceView, "created">>;
}

/**
 * Answers with the lines of a log. Who follows one is asked now and then whether he still may; an app of the same name that came later is another.
 * @throws OrreryError `invalid_argument`, or `resource_exhausted` where too many read
 */
export async function* readAppLog(
  request: ReadLogRequest,
  { app, logs, clock, signal, reading, check }: LogAnswerOptions,
): AsyncGenerator<MessageInitShape<typeof ReadLogResponseSchema>> {
  assertFits(request, app.address);
  const taken = takeReader(app.address, { logs, reading });
  try {
    const { lines, follow, sinceMs, after, instance, streams } = request;
    const wish = {
      lines,
      isFollowed: follow,
      sinceMs: Number(sinceMs),
      after: Number(after),
      instance,
      streams,
      signal,
    };
    let checkedMs = clock.monotonic();
    for await (const piece of withPauses(readLog(taken.of(app.address), wish, clock), clock)) {
      if (piece === undefined || clock.monotonic() - checkedMs >= LOG_CHECK_MS) {
        if ((await check()).created !== app.created)
          throw new OrreryError("not_found", `Cannot go on with the log of "${app.address}": it was removed`);
        checkedMs = clock.monotonic();
      }
      yield piece === undefined ? {} : { lines: piece.lines.map(lineMessage), missed: BigInt(piece.missed) };
    }
  } finally {
    reading.now--;
  }
}

/** Options of `readAppLogs`. */
export interface TailAnswerOptions extends Omit<LogAnswerOptions, "app" | "check"> {
  readonly registry: Pick<Registry, "get" | "list">;
  readonly agent: string;
}

/**
 * Answers with the lines of all apps that a pattern means and that who asks may read, which is looked up again now and then.
 * @throws OrreryError `invalid_argument`, `resource_exhausted` where too many read or too many apps are meant, and as `Registry.get` where there is none
 */
export async function* readAppLogs(
  request: TailLogsRequest,
  { logs, clock, signal, reading, registry, agent }: TailAnswerOptions,
): AsyncGenerator<MessageInitShape<typeof TailLogsResponseSchema>> {
  const pattern = parseLogPattern(request.pattern);
  assertFits(request, request.pattern);
  const level = LOG_THRESHOLDS.find((one) => one === (request.level || "debug"));
  if (level === undefined || level === "off")
    throw new OrreryError(
      "invalid_argument",
      `Cannot read logs from level "${request.level}" on: write debug, info, warn or error`,
    );
  const find = () => findTailed(pattern, { registry, agent, isFollowed: request.follow });
  if (logs === undefined) await find(); // Nobody is told that apps are being started who may not read them.
  const taken = takeReader(request.pattern, { logs, reading });
  try {
    const { lines, follow: isFollowed, streams } = request;
    const after = Object.fromEntries(Object.entries(request.after).map(([app, number]) => [app, Number(number)]));
    const logOf = (app: string) => taken.of(app);
    const sinceMs = Number(request.sinceMs);
    const all = tailLogs({ pattern, level, lines, after, isFollowed, sinceMs, streams, signal, clock, find, logOf });
    for await (const piece of all) {
      const some = piece.lines.map(({ app, line }) => ({ app, line: lineMessage(line) }));
      yield { lines: some, apps: [...piece.apps], missed: BigInt(piece.missed) };
    }
  } finally {
    reading.now--;
  }
}

/** Counts one who reads. @throws OrreryError `unavailable`, or `resource_exhausted` where too many do */
function takeReader(what: string, { logs, reading }: Pick<LogAnswerOptions, "logs" | "reading">): Pick<AppLogs, "of"> {
  if (logs === undefined)
    throw new OrreryError("unavailable", `Cannot read the log of "${what}": apps are being started, try again`);
  if (reading.now >= LOG_READERS_MAX)
    throw new OrreryError(
      "resource_exhausted",
      `Cannot read the log of "${what}": ${LOG_READERS_MAX} logs are being read, try again later`,
    );
  reading.now++;
  return logs;
}

function assertFits({ lines = 0, streams }: Pick<ReadLogRequest, "lines" | "streams">, app: string): void {
  const wrong = streams.find((one) => !(LOG_STREAMS as readonly string[]).includes(one));
  const why =
    wrong !== undefined
      ? `there is no stream "${wrong}", write ${LOG_STREAMS.join(", ")}`
      : lines > LOG_LINES_MAX
        ? `${lines} lines are asked for, ask for up to ${LOG_LINES_MAX}`
        : undefined;
  if (why !== undefined) throw new OrreryError("invalid_argument", `Cannot read the log of "${app}": ${why}`);
}

function lineMessage({ seq, atMs, stream, instance, text }: LogLine) {
  return { number: BigInt(seq), atMs: BigInt(atMs), stream, instance, text };
}
