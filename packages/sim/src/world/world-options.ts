import type { LogSink } from "@orrery/core";
import type { CaptureOptions } from "../capture/world-capture.ts";
import type { Tape } from "../chance/tape.ts";
import type { LinkModel } from "../network/link-model.ts";
import type { OutboundFrame, Place } from "../network/sim-network.ts";
import type { LinkModels } from "../network/topologies.ts";
import type { Strategy } from "../order/strategy.ts";
import type { Timestamps } from "../time/timestamps.ts";
import type { TraceMode, TraceRecord } from "../trace/trace.ts";
import type { NodeWatch } from "../trace/trace-notes.ts";

/** Options of a world. */
export interface WorldOptions {
  /** All chance of the world comes from it: the same seed and code give the same run. Default: that of the tape, or 1. */
  readonly seed?: number;
  /** How messages pass between nodes. Default: 0.1 ms each way. */
  readonly link?: LinkModel | LinkModels;
  /** How long a connection lives on while nothing gets through, in ms. Default: 10,000. */
  readonly breakAfterMs?: number;
  /** Wall time at which the world begins, in ms since 1970. Default: the first of January 2026. */
  readonly epochMs?: number;
  /** Wall times that moments of the world show, in the place of `epochMs`. */
  readonly timestamps?: Timestamps;
  /** Nodes start within so many ms, each at a time that chance decides. Default: 0, all at once. */
  readonly startWithinMs?: number;
  /** Whether `context.maybe` is true now and then: at a quarter of the names, a quarter of the times. Default: false. */
  readonly rare?: boolean;
  /** Where the nodes' log lines go; their time is the world's. Default: nowhere. */
  readonly log?: LogSink;
  /** Whether the trace is only hashed, keeps its lines, or is left out. Default: hash. */
  readonly trace?: TraceMode;
  /** Told of each line of the trace. Default: nobody. */
  readonly onTrace?: (record: TraceRecord) => void;
  /** Who listens to what all nodes do, such as a flow monitor. Default: nobody. */
  readonly watch?: readonly NodeWatch[];
  /** What is to go as in an earlier run. Default: nothing. */
  readonly tape?: Tape;
  /** Whether the tape of this run is written. Default: false. */
  readonly notes?: boolean;
  /** Decides what happens next where more than one thing could. Default: what is due first. */
  readonly strategy?: Strategy;
  /** Holds code that reads the process's own clock, chance and machine. Default: it is not held. */
  readonly capture?: CaptureOptions;
  /** How long one event may run, in ms of the machine's time, before the process ends and says where it spins. Default: as long as it takes. */
  readonly spinMs?: number;
}

/** The part of a world that one process runs. */
export interface WorldShare {
  /** Whether a node is of this process. */
  readonly isHere: (place: Place) => boolean;
  /** Takes frames for nodes of other processes. */
  readonly sendAway: (outbound: OutboundFrame) => void;
}
