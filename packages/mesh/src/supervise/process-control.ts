import type { JsonValue } from "@orrery/core";

/** Who a process is, beyond its number, which another may have tomorrow. */
export interface ProcessRecord {
  readonly child: string;
  /** Known only to the supervisor and this process; made before it starts. */
  readonly token: string;
  /** 0 until it was started; of a thread its number, which the machine counts with those of processes, once it is known. */
  readonly pid: number;
  /** Whether it is a thread of the supervisor's own process, which ends with it. Default: false. */
  readonly isThread?: boolean;
  /** When it started, as the machine tells it apart from every other process of that number; empty until known. */
  readonly started: string;
  /** What it runs. */
  readonly program: JsonValue;
  /** Where it takes work; empty until it was ready. */
  readonly address: string;
  /** It has been asked to end. Default: false. */
  readonly ending?: boolean;
  /** What the manifest of its folder owes it, as the control wrote it. Default: nothing. */
  readonly life?: JsonValue;
}

/** How a process ended; both are empty where nobody saw it. */
export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string;
  /** It was not even started, for something that it needs is missing. Default: false. */
  readonly unmet?: boolean;
  /** What ended it, where its cage knows, for people. Default: nothing is known. */
  readonly why?: string | undefined;
}

/** What the machine tells of a process. */
export interface Measures {
  readonly debugged: boolean;
  /** Processor time that it used, or could have used while others had the processors. */
  readonly processorMs: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Most that it may hold by what its folder says, where that is less than the rules do. Default: nothing is said. */
  readonly memoryBytesMax?: number | undefined;
}

/** Told of one process; nothing after `exit`. */
export interface ProcessWatch {
  /** It takes work, at an address; once, and again after a reconnect. */
  ready(address: string): void;
  /** It answered the last `ping`, with what it has to report, if anything. */
  pong(report?: JsonValue): void;
  /** It told something unasked. */
  told?(news: JsonValue): void;
  /** It says why it cannot start. */
  failed(text: string): void;
  exit(status: ExitStatus): void;
  /** What must be kept of it has changed, before anything else is done: its number, its time of start, or its life. */
  advance?(record: ProcessRecord, stage: "preparing" | "starting" | undefined): void;
  /** It has ended; `exit` follows when what comes after it has been done, which takes as long as it takes. */
  gone?(status: ExitStatus): void;
}

/** A process that runs, or has run. */
export interface ControlledProcess {
  readonly record: ProcessRecord;
  /** Asks over the control plane whether its event loop turns; the answer comes to the watch, or never. */
  ping(): void;
  /** Asks it to finish what it accepted within a time, and then to end. */
  drain(timeoutMs: number): void;
  /** Does nothing when it is gone, or when its number is another's by now. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Undefined when it cannot be measured. */
  measure(): Measures | undefined;
  /** Lets go of it: it runs on, and the watch is told nothing more. */
  release(): void;
}

/** What was found of a process that an earlier supervisor started. */
export type Found =
  | { readonly kind: "running"; readonly process: ControlledProcess }
  /** It has certainly ended, or never began. */
  | { readonly kind: "gone" }
  /** Nobody can tell: it must neither be ended nor be replaced. */
  | { readonly kind: "unknown"; readonly text: string };

/** What starts processes and finds them again. The machine's is `createSystemControl`. */
export interface ProcessControl {
  /** A token and all that must be known of a process before it is started. */
  prepare(child: string, program: JsonValue): ProcessRecord;
  /**
   * Starts it. What cannot be started tells its exit. The record of what was started may have another token than the one that was prepared, and
   * is to be kept before the caller's turn ends.
   */
  spawn(record: ProcessRecord, watch: ProcessWatch): ControlledProcess;
  /** Whether what is started for a record begins only when the caller's turn is over, so that it need not be kept before. Default: no. */
  beginsLater?(record: ProcessRecord): boolean;
  /** Looks for a process by the record that was kept of it. */
  find(record: ProcessRecord, watch: ProcessWatch): Promise<Found>;
}
