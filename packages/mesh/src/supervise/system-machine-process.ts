import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { type FromChild, onLines, writeLine } from "./child-lines.ts";
import type { CagedProcess, Isolation } from "./isolation.ts";
import { measuresOf, startedOf } from "./proc-files.ts";
import type { ControlledProcess, Measures, ProcessRecord, ProcessWatch } from "./process-control.ts";

/** How often a connection to a child is tried again; one that is starting is waited for, by callers too. */
const CONNECT_AGAIN_MS = 20;
const CONNECT_SOON_MS = 4;
/** How long a child counts as starting in this. */
const STARTING_MS = 2_000;
/** How often a connected child is looked at, whether it still is who it was. */
const LOOK_AGAIN_MS = 100;

/** Where a process of this machine listens to its supervisor, and the process itself where it was started here. */
export interface MachineParts {
  /** Its Unix socket. */
  readonly path: string;
  readonly child?: ChildProcess | undefined;
  /** The cage that it runs in: the process that was started is its keeper then. Default: none. */
  readonly caged?: (CagedProcess & { readonly isolation: Isolation }) | undefined;
}

/**
 * One process of this machine. Owns: the connection to it. I1: it is signalled only while the process of its number started when it did.
 * I2: its exit is told once, and never within the call that made it. I3: at most one ping is under way.
 */
export class MachineProcess implements ControlledProcess {
  readonly record: ProcessRecord;
  readonly #watch: ProcessWatch;
  readonly #path: string;
  readonly #caged: MachineParts["caged"];
  #socket: Socket | undefined;
  readonly #bornMs = performance.now();
  #isGreeted = false;
  #isPinging = false;
  #isOver = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #drainMs: number | undefined;

  constructor(record: ProcessRecord, watch: ProcessWatch, from: MachineParts) {
    this.record = record;
    this.#watch = watch;
    this.#path = from.path;
    this.#caged = from.caged;
    from.child?.unref();
    from.child?.once("error", () => this.#exit({ code: 127, signal: "" })); // I2
    from.child?.once("exit", (code, signal) => this.#exit({ code, signal: signal ?? "" }));
    if (record.pid !== 0) this.#keepConnected(from.child === undefined);
  }

  ping(): void {
    if (!this.#isGreeted || this.#isPinging) return;
    this.#isPinging = true; // I3
    writeLine(this.#socket, { kind: "ping" });
  }

  drain(timeoutMs: number): void {
    this.#drainMs = timeoutMs;
    if (this.#isGreeted) writeLine(this.#socket, { kind: "drain", timeoutMs });
  }

  signal(signal: "SIGTERM" | "SIGKILL"): void {
    const { pid, started } = this.record;
    if (this.#isOver || pid === 0 || started === "" || startedOf(pid) !== started) return; // I1
    if (this.#caged === undefined) sendSignal(pid, signal);
    else if (signal === "SIGKILL") sendSignal(-pid, signal);
    else sendSignal(this.#body(), signal); // Its keeper goes after it.
  }

  measure(): Measures | undefined {
    return measuresOf(this.#body());
  }

  #body(): number {
    const { pid } = this.record;
    return this.#caged?.isolation.bodyOf(pid, this.#caged) ?? pid;
  }

  release(): void {
    this.#isOver = true;
    clearTimeout(this.#again);
    this.#socket?.destroy();
  }

  /** Connects as soon as the child listens, and again; the number of one that is no child of ours is looked at meanwhile. */
  #keepConnected(isAdopted: boolean): void {
    if (this.#isOver) return;
    if (isAdopted && startedOf(this.record.pid) !== this.record.started) {
      this.#again = setTimeout(() => this.#exit({ code: null, signal: "" }), 0); // I2
      return;
    }
    if (this.#socket === undefined) this.#connect();
    const soonMs = performance.now() - this.#bornMs < STARTING_MS ? CONNECT_SOON_MS : CONNECT_AGAIN_MS;
    this.#again = setTimeout(() => this.#keepConnected(isAdopted), this.#isGreeted ? LOOK_AGAIN_MS : soonMs);
  }

  #connect(): void {
    const socket = createConnection(this.#path);
    this.#socket = socket;
    socket.once("connect", () => writeLine(socket, { kind: "hello", token: this.record.token }));
    onLines(socket, (line) => this.#hear(line as FromChild));
    socket.once("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#isGreeted = false;
      this.#isPinging = false;
    });
  }

  #hear(message: FromChild): void {
    if (this.#isOver) return;
    if (message.kind === "hello") {
      this.#isGreeted = message.token === this.record.token && this.#isPid(message.pid);
      if (this.#isGreeted && this.#drainMs !== undefined) this.drain(this.#drainMs);
    }
    if (!this.#isGreeted) return;
    if (message.kind === "pong") {
      this.#isPinging = false;
      this.#watch.pong(message.report);
    }
    if (message.kind === "told") this.#watch.told?.(message.news);
    if (message.kind === "ready") this.#watch.ready(String(message.address));
    if (message.kind === "failed") this.#watch.failed(String(message.text));
  }

  /** In a cage it has a number of its own. */
  #isPid(said: number): boolean {
    return this.#caged !== undefined || said === this.record.pid;
  }

  #exit(status: { code: number | null; signal: string }): void {
    if (this.#isOver) return;
    this.release();
    rmSync(this.#path, { force: true });
    if (this.#caged === undefined) {
      this.#watch.exit(status);
      return;
    }
    sendSignal(-this.record.pid, "SIGKILL"); // What its keeper left, if that was killed alone.
    this.#watch.exit({ ...status, why: this.#caged.isolation.ended(status, this.#caged) });
  }
}

function sendSignal(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === 0) return; // It was never started.
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in between.
  }
}
