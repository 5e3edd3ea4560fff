import { type Clock, type Context, createLog, isOrreryError, type Log, type LogSink } from "@orrery/core";
import { hexOfBytes, TraceIds } from "@orrery/mesh/internal";
import type { LogRules } from "../apps/logs/log-rules.ts";

/** A message of a component on whose behalf a mechtron is asked. */
export type MessageCause = Pick<Context, "flow" | "trace">;

/** What is known of a message to a mechtron before it is handled. */
export interface MessageFacts {
  readonly address: string;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly agent: string;
  readonly cause: MessageCause | undefined;
}

/** The lines of one message to a mechtron. */
export interface MessageLog {
  /** For what the mechtron logs meanwhile. */
  readonly log: () => Log;
  /** Makes the line of the message itself, where one is wanted. */
  ended(error?: unknown): void;
}

/** Makes the lines of messages to mechtrons. */
export interface MessageLogs {
  begin(facts: MessageFacts): MessageLog;
}

/** Options of `createMessageLogs`. */
export interface MessageLogsOptions {
  readonly sink: LogSink;
  readonly clock: Clock;
  /** At `debug` each message of an address makes a line. */
  readonly levelOf: LogRules["of"];
}

/** Who sends messages to mechtrons, in the ids of messages. */
const SENDER = "orrery.mechtrons";

/** Makes what tells of messages to mechtrons; for one of which nothing is told nothing is made but its number. */
export function createMessageLogs({ sink, clock, levelOf }: MessageLogsOptions): MessageLogs {
  const ids = new TraceIds(SENDER, Math.floor(clock.now()));
  let last = 0;
  return {
    begin: ({ address, service, method, path, agent, cause }) => {
      const id = ++last;
      const startMs = clock.monotonic();
      let made: Log | undefined;
      const log = () => {
        if (made !== undefined) return made;
        const { flow = { node: SENDER, id }, trace } = cause ?? {};
        const fields = {
          ...{ mechtron: address, method: service === "" ? `${method} ${path}` : `${service}.${method}` },
          ...{ flow: `${flow.node}/${flow.id}`, trace: hexOfBytes(trace?.traceId ?? ids.trace(flow)) },
          ...{ messageId: `${SENDER}/${id}`, span: hexOfBytes(ids.span()) },
        };
        made = createLog({ sink, now: () => clock.now(), fields });
        return made;
      };
      const ended = (error?: unknown) => {
        if (levelOf(address) !== "debug") return;
        const durationMs = Math.round((clock.monotonic() - startMs) * 1_000) / 1_000;
        const { kind, reason } = isOrreryError(error) ? error : { kind: "defect", reason: "" };
        const outcome =
          error === undefined ? { outcome: "reply" } : { outcome: kind, ...(reason !== "" && { reason }) };
        log().debug("message handled", { agent, ...outcome, durationMs });
      };
      return { log, ended };
    },
  };
}
