import type { Clock, Component, Log, LogSink, Random } from "@orrery/core";
import type { CageLimits, Isolation, ProcessControl } from "@orrery/mesh/supervise";
import type { Meter } from "@orrery/registry";
import type { UpstreamList } from "../bind/upstream-list.ts";
import type { LogRules } from "./logs/log-rules.ts";
import type { AppLogs } from "./logs/system-app-logs.ts";

/** What the processes of an app are kept up with. */
export interface ProcessAppOptions {
  readonly app: string;
  /** Folder of all that is kept of it. */
  readonly home: string;
  /** Folder of the sockets by which its processes meet, of the app alone. */
  readonly sockets: string;
  readonly control: ProcessControl;
  readonly isolation: Isolation;
  /** Servers that its foreign programs may be. Default: any. */
  readonly upstreams?: UpstreamList | undefined;
  /** What each of its processes may use. */
  readonly limits: CageLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly sink: LogSink;
  /** What its processes print goes there, and what becomes of them. */
  readonly logs: AppLogs;
  /** From which level on the lines of an address are kept. */
  readonly levelOf: LogRules["of"];
  /** What its processes may call of the platform, in the name of the app. */
  readonly components: readonly Component[];
  /** Counts what its processes use. Default: nobody does. */
  readonly meter?: Meter | undefined;
  readonly onChange: () => void;
}
