import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Clock, OrreryError } from "@orrery/core";
import { type ResourceView, withPauses } from "@orrery/registry";
import type { ReadLogRequest, ReadLogResponseSchema } from "../../gen/orrery/apps/v1/apps_pb.ts";
import { LOG_CHECK_MS, LOG_LINES_MAX, LOG_READERS_MAX } from "./limits.ts";
import { LOG_STREAMS, type LogLine } from "./log-line.ts";
import { readLog } from "./read-log.ts";
import type { AppLogs } from "./system-app-logs.ts";

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
  if (logs === undefined)
    throw new OrreryError("unavailable", `Cannot read the log of "${app.address}": apps are being started, try again`);
  if (reading.now >= LOG_READERS_MAX)
    throw new OrreryError(
      "resource_exhausted",
      `Cannot read the log of "${app.address}": ${LOG_READERS_MAX} logs are being read, try again later`,
    );
  reading.now++;
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
    for await (const piece of withPauses(readLog(logs.of(app.address), wish, clock), clock)) {
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

function assertFits({ lines = 0, streams }: ReadLogRequest, app: string): void {
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
