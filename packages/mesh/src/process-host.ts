/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  /** Name of the signal that ended it, or empty. */
  readonly signal: string;
}

/** A process that was started, as its parent sees it. */
export interface ProcessHandle {
  /** Of a thread its number, once it runs; 0 until then. */
  readonly pid: number;
  /** Sends a message; one to a process that has ended goes nowhere. */
  send(message: object): void;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Calls back when the number is known that was not at once. */
  onPid?(listener: () => void): void;
  /** Calls back once. */
  onExit(listener: (exit: ProcessExit) => void): void;
}

/** What starts processes. The machine's is `createSystemProcesses`. */
export interface ProcessHost {
  start(): ProcessHandle;
}

/** A process's line to the one that started it. */
export interface Channel {
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Calls back when the parent is gone, or somebody asks this process to end. */
  onClose(listener: () => void): void;
  /** Writes a line for people. */
  writeLine(line: string): void;
  /** Ends this process at once. */
  exit(code: number): void;
}
