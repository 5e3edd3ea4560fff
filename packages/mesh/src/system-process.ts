import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { url as inspectorUrl } from "node:inspector";
import { fileURLToPath } from "node:url";
import type { Channel, ProcessExit, ProcessHandle, ProcessHost } from "./process-host.ts";
import { COMPILED } from "./system-compiled.ts";
import { startThread, type ThreadLine, threadLine } from "./system-thread.ts";

const FROM_SOURCE = import.meta.url.endsWith(".ts");
/** Programs that processes are started on: what serves components, and what runs a part of a world. */
export type Program = "process" | "clock-process";

/** Makes the host that starts processes of this machine: the same Node, on a program of this package, by default what serves components. */
export function createSystemProcesses(program: Program = "process"): ProcessHost {
  return { start: () => startProcess(program) };
}

/** Makes the host that starts worker threads of this process on what serves components. */
export function createSystemThreads(): ProcessHost {
  const file = fileURLToPath(new URL(`./process.${FROM_SOURCE ? "ts" : "js"}`, import.meta.url));
  const execArgv = FROM_SOURCE ? ["--conditions=source"] : [];
  let started = 0;
  return { start: () => startThread({ name: `${++started}`, file, execArgv }) };
}

function startProcess(program: Program): ProcessHandle {
  const entry = new URL(`./${program}.${FROM_SOURCE ? "ts" : "js"}`, import.meta.url);
  const conditions = FROM_SOURCE ? ["--conditions=source"] : [];
  const child = fork(fileURLToPath(entry), [], {
    execArgv: [...process.execArgv.filter((word) => !conditions.includes(word)), ...conditions],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "json",
    env: { ...COMPILED, ...process.env },
  });
  return new ForkedProcess(child);
}

class ForkedProcess implements ProcessHandle {
  readonly pid: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.on("error", () => undefined); // Told by the exit that follows, or by the one that never began.
  }

  send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    this.#child.kill(signal);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#child.on("message", listener);
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    if (this.pid === 0) queueMicrotask(() => listener({ code: 1, signal: "" }));
    this.#child.once("exit", (code, signal) => listener({ code, signal: signal ?? "" }));
  }
}

/** Makes the line between a process that serves components and the one that started it. @throws Error when nobody started it. */
export function createParentChannel(): Channel {
  const line = threadLine();
  if (line !== undefined) return threadChannel(line);
  if (process.send === undefined)
    throw new Error("Cannot serve components: this program is started by another, use orrery run");
  const send = process.send.bind(process);
  // A terminal sends Ctrl-C to every process of the group; this one is told by its parent, in the parent's order.
  process.on("SIGINT", () => undefined);
  return {
    send: (message) => {
      if (process.connected) send(message, undefined, {}, () => undefined);
    },
    onMessage: (listener) => void process.on("message", listener),
    onClose: (listener) => {
      process.once("disconnect", listener);
      process.once("SIGTERM", listener);
    },
    writeLine: (line) => void process.stderr.write(`${line}\n`),
    exit: (code) => process.exit(code),
  };
}

/** The line of a thread: it ends with its process, so nobody tells it that its parent is gone. */
function threadChannel(line: ThreadLine): Channel {
  return {
    send: (message) => line.send(message),
    onMessage: (listener) => line.onMessage(listener),
    onClose: (listener) => line.onTerminate(listener),
    writeLine: (text) => void process.stderr.write(`${text}\n`),
    exit: (code) => process.exit(code),
  };
}

/** Process id of this process. */
export function ownPid(): number {
  return process.pid;
}

/** Whether a debugger may hold this process. */
export function isDebugged(): boolean {
  return inspectorUrl() !== undefined;
}

/** A name that nobody guesses, for those who may talk to one another. */
export function makeToken(): string {
  return crypto.randomUUID();
}

/** Whether a process of that id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // It is another user's.
  }
}

/** What Node says of the syntax of a file: empty when there is nothing to say. */
export function checkSyntax(file: string): string {
  return spawnSync(process.execPath, ["--check", file], { encoding: "utf8", timeout: 5_000 }).stderr;
}
