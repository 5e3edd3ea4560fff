import type { Isolate } from "../isolate.ts";
import type { CageSpec } from "./isolation.ts";

/** What a child of this machine runs: a program of Node that calls `joinSupervisor`. */
export interface NodeProgram {
  /** Absolute path of its file. */
  readonly file: string;
  /** Whether it has a process of its own, or a worker thread of the supervisor's. Default: process. */
  readonly isolate?: Isolate;
  readonly args?: readonly string[];
  /** Options of Node, such as `--max-old-space-size=200`, which no thread may have. */
  readonly execArgv?: readonly string[];
  /** Variables beside the supervisor's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether of the supervisor's own variables it gets only those without which nothing runs, such as PATH. Default: false. */
  readonly isEnvOwn?: boolean;
  /** File of further variables, for values that are not to stand in what is kept of the program, nor in what it prints: `***` stands there. Default: none. */
  readonly envFile?: string;
  /** Working folder; threads have the supervisor's. Default: the supervisor's. */
  readonly cwd?: string;
  /**
   * Folder for what it prints, in files that grow: `CHILD.out` and `CHILD.err`, each line behind `\u001e`, its time in µs since 1970 and a blank;
   * what comes past Node's own streams has no time. Not for threads. Default: where its supervisor prints.
   */
  readonly outputFolder?: string;
  /** The cage that it runs in, with the commands around its life. Needs `isolation` of the control. Default: none. */
  readonly cage?: CageSpec;
  /** Folder whose `component.yaml` says what it needs. Default: those of `paths`, where it has some; else none. */
  readonly environment?: string;
  /** What the file is to do; it finds it as `program` of its line. */
  readonly [more: string]: unknown;
}
