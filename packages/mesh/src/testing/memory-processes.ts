import type { ProcessExit, ProcessHandle, ProcessHost } from "../process-host.ts";
import type { FromProcess } from "../process-messages.ts";

/** A process that does what a test says. */
export interface MemoryProcess {
  readonly heard: readonly object[];
  readonly signals: readonly string[];
  say(message: FromProcess): void;
  end(exit: ProcessExit): void;
}

/** A host whose processes exist only for a test. */
export interface MemoryProcesses extends ProcessHost {
  readonly started: number;
  /** The one that was started last. */
  last(): MemoryProcess;
}

/** Makes a host of processes without a machine. */
export function createMemoryProcesses(): MemoryProcesses {
  const processes: MemoryProcess[] = [];
  return {
    get started() {
      return processes.length;
    },
    last() {
      const process = processes.at(-1);
      if (process === undefined) throw new Error("No process was started");
      return process;
    },
    start() {
      const [handle, process] = makeProcess(processes.length + 1);
      processes.push(process);
      return handle;
    },
  };
}

function makeProcess(pid: number): readonly [ProcessHandle, MemoryProcess] {
  const heard: object[] = [];
  const signals: string[] = [];
  let onMessage: (message: unknown) => void = () => undefined;
  let onExit: (exit: ProcessExit) => void = () => undefined;
  const handle: ProcessHandle = {
    pid,
    send: (message) => void heard.push(message),
    kill: (signal) => void signals.push(signal),
    onMessage: (listener) => {
      onMessage = listener;
    },
    onExit: (listener) => {
      onExit = listener;
    },
  };
  return [handle, { heard, signals, say: (message) => onMessage(message), end: (exit) => onExit(exit) }];
}
