import type { Clock } from "./clock.ts";
import type { ComponentView } from "./component-view.ts";
import type { Directory } from "./directory.ts";
import type { LimitsSource } from "./guard.ts";
import type { JournalLoad } from "./journal.ts";
import type { LogSink } from "./log.ts";
import type { MessageWatch } from "./message-events.ts";

/** What a node lends to its telemetry. */
export interface TelemetryHost {
  readonly node: string;
  readonly incarnation: number;
  readonly clock: Clock;
  /** What it was given as `limits` and `directory`. */
  readonly limits: LimitsSource | undefined;
  readonly directory: Directory | undefined;
  /** What it runs, as it stands now; empty in a client. */
  components(): readonly ComponentView[];
  /** What its journal holds. Default: it has none. */
  journal?(): JournalLoad | undefined;
}

/** What follows a node. */
export interface NodeTelemetry {
  /** Gets each log line, beside the node's own sink. Default: nobody. */
  readonly log?: LogSink;
  /** Told of each message. Default: nobody, and nothing is noted. */
  readonly watch?: MessageWatch;
}

/** Where a node's logs, traces and metrics go. */
export interface TelemetrySource {
  /** Follows one node, once. @throws OrreryError `failed_precondition` when it follows another. */
  seat(host: TelemetryHost): NodeTelemetry;
}

/** What follows a node that nobody follows. */
export const NO_TELEMETRY: NodeTelemetry = Object.freeze({});
