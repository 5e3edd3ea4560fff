import { rmSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { type JsonValue, OrreryError } from "@orrery/core";
import { keepCompiled } from "../system-compiled.ts";
import { type ThreadLine, threadLine } from "../system-thread.ts";
import { replaceVariables } from "../system-variables.ts";
import {
  BLANK_LINE,
  type BlankOrder,
  type ChildOrder,
  type FromChild,
  ORDER_VARIABLE,
  onLines,
  type ToChild,
  writeLine,
} from "./child-lines.ts";
import { createThreadChildLine } from "./system-thread-child.ts";

/** A process's side, or a thread's, of its line to the supervisor that keeps it up, whichever that is. */
export interface SupervisorLine {
  /** What it is to run. */
  readonly program: JsonValue;
  /** Says that this process takes work, at an address that may be empty. */
  ready(address: string): void;
  /** Says why it cannot start. End the process once that is said, or nobody heard it in time: when the promise resolves. */
  failed(text: string): Promise<void>;
  /** Calls back once, when it is to finish what it accepted within a time and then to end. SIGTERM asks for the same. */
  onDrain(listener: (timeoutMs: number) => void): void;
  /** Sends what `make` gives along with each answer to the supervisor's question whether it lives, for `status` to tell. */
  report(make: () => JsonValue): void;
  /** Tells the supervisor something now, unasked; without a supervisor it goes nowhere. */
  tell(news: JsonValue): void;
}

/** How long a process drains that is asked by a signal, in ms. */
const DRAIN_BY_SIGNAL_MS = 1_500;
/** When compiled code is kept, from when it is ready: those who start beside it now are not to wait for a disk. */
const COMPILED_KEPT_MS = 500;
/** How long a process that cannot start waits for a supervisor to hear why, in ms. */
const FAILED_HEARD_MS = 1_000;

/**
 * Joins the supervisor that started this process, and each that follows it: the process goes on while there is none. A thread joins that of its
 * process, and goes with it.
 * @throws OrreryError `failed_precondition` when no supervisor started it.
 */
export function joinSupervisor(): SupervisorLine {
  const line = threadLine();
  if (line !== undefined) return threadChildLine(line);
  return new ChildLine(readOrder());
}

/** As `joinSupervisor`; what was started as a blank calls `prepare`, and waits until it is told what to run. */
export async function joinWhenTold(prepare: () => Promise<unknown>): Promise<SupervisorLine> {
  const thread = threadLine();
  if (thread !== undefined) {
    const told = thread.whenTold();
    if (thread.isBlank) await prepare();
    await told;
    return threadChildLine(thread);
  }
  const order = readOrder();
  const line = new ChildLine(order);
  if (order.blank !== true) return line;
  const told = hearOrder();
  await prepare();
  line.become(await told);
  return line;
}

function threadChildLine(line: ThreadLine): SupervisorLine {
  return createThreadChildLine(line, { termMs: DRAIN_BY_SIGNAL_MS, compiledKeptMs: COMPILED_KEPT_MS });
}

function readOrder(): ChildOrder {
  const text = process.env[ORDER_VARIABLE];
  if (text === undefined) {
    const why = "Cannot join a supervisor: none started this process, name its file in the program of a child";
    throw new OrreryError("failed_precondition", why);
  }
  delete process.env[ORDER_VARIABLE]; // Not for what this process starts.
  return JSON.parse(text) as ChildOrder;
}

/** Waits for what a blank is to run. Without a supervisor it is nobody's, and ends. */
function hearOrder(): Promise<BlankOrder> {
  const line = new Socket({ fd: BLANK_LINE, readable: true, writable: true });
  const told = Promise.withResolvers<BlankOrder>();
  let isTold = false;
  line.once("close", () => isTold || process.exit(0));
  onLines(line, (order) => {
    isTold = true;
    line.end("taken");
    line.unref();
    told.resolve(order as unknown as BlankOrder);
  });
  return told.promise;
}

/** I1: who does not know the token is told nothing. I2: a supervisor that comes later is told what the earlier one was. */
class ChildLine implements SupervisorLine {
  program: JsonValue;
  readonly #token: string;
  #socket: Socket | undefined;
  #last: FromChild | undefined;
  #onDrain: ((timeoutMs: number) => void) | undefined;
  #drainMs: number | undefined;
  #report: (() => JsonValue) | undefined;
  #heard: (() => void) | undefined;
  #isBlank: boolean;

  constructor({ socket: path, token, program = null, blank = false }: ChildOrder) {
    this.program = program;
    this.#isBlank = blank;
    this.#token = token;
    const server = createServer((socket) => this.#accept(socket));
    server.on("error", (error) => {
      // Of a blank nobody needs to know: who ends may have taken its folder away.
      if (!this.#isBlank) process.stderr.write(`Cannot listen to the supervisor: ${error.message}\n`);
      process.exit(1);
    });
    server.listen(path);
    server.unref();
    process.once("exit", () => rmSync(path, { force: true }));
    process.on("SIGINT", () => undefined); // A terminal's Ctrl-C is the supervisor's to obey.
    process.on("SIGTERM", () => this.#drain(DRAIN_BY_SIGNAL_MS));
  }

  /** A blank is a child from now on. */
  become({ program, variables, cwd }: BlankOrder): void {
    this.#isBlank = false;
    this.program = program;
    replaceVariables(variables);
    if (cwd !== undefined && cwd !== process.cwd()) process.chdir(cwd);
  }

  ready(address: string): void {
    this.#say({ kind: "ready", address });
    setTimeout(keepCompiled, COMPILED_KEPT_MS).unref();
  }

  failed(text: string): Promise<void> {
    const heard = Promise.withResolvers<void>();
    setTimeout(heard.resolve, FAILED_HEARD_MS);
    this.#heard = heard.resolve;
    this.#say({ kind: "failed", text });
    return heard.promise;
  }

  onDrain(listener: (timeoutMs: number) => void): void {
    this.#onDrain = listener;
    if (this.#drainMs !== undefined) listener(this.#drainMs);
  }

  report(make: () => JsonValue): void {
    this.#report = make;
  }

  tell(news: JsonValue): void {
    writeLine(this.#socket, { kind: "told", news });
  }

  #say(message: FromChild): void {
    this.#last = message;
    writeLine(this.#socket, message, this.#heard);
  }

  #accept(socket: Socket): void {
    onLines(socket, (line) => this.#hear(socket, line as ToChild));
    socket.unref();
  }

  #hear(socket: Socket, message: ToChild): void {
    if (message.kind === "hello" && message.token === this.#token) {
      if (this.#socket !== socket) this.#socket?.destroy();
      this.#socket = socket;
      writeLine(socket, { kind: "hello", token: this.#token, pid: process.pid });
      if (this.#last !== undefined) writeLine(socket, this.#last, this.#heard); // I2
    } else if (this.#socket !== socket)
      socket.destroy(); // I1
    else if (message.kind === "ping") writeLine(socket, this.#pong());
    else if (message.kind === "drain") this.#drain(message.timeoutMs);
  }

  #pong(): FromChild {
    return this.#report === undefined ? { kind: "pong" } : { kind: "pong", report: this.#report() };
  }

  #drain(timeoutMs: number): void {
    if (this.#isBlank) process.exit(0); // It has accepted nothing.
    if (this.#drainMs !== undefined) return;
    this.#drainMs = timeoutMs;
    this.#last = undefined; // It takes no more work, whoever asks.
    this.#onDrain?.(timeoutMs);
  }
}
