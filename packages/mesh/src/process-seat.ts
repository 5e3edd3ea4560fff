import type { Clock, Timer } from "@orrery/core";
import type { Life } from "./environment/life.ts";
import {
  PROCESS_CRASHES_MAX,
  PROCESS_LOAD_MS_MAX,
  PROCESS_WINDOW_MS,
  RESTART_DELAY_MAX_MS,
  RESTART_DELAY_MIN_MS,
} from "./limits.ts";
import type { ProcessExit, ProcessHandle, ProcessHost } from "./process-host.ts";
import type { FoundComponent, FromProcess, ServeOrder, ToProcess } from "./process-messages.ts";

/** What happened at a seat that its launch must know. */
export type SeatEvent =
  | { readonly kind: "loaded"; readonly components: readonly FoundComponent[] }
  | { readonly kind: "bound" }
  | { readonly kind: "ready" }
  /** The process ended by itself; another is coming. */
  | { readonly kind: "crashed"; readonly text: string }
  /** No other is coming: it crashed too often, or cannot start whatever is done. */
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

/** Options of a seat. */
export interface SeatOptions {
  readonly host: ProcessHost;
  readonly clock: Clock;
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly onEvent: (seat: ProcessSeat, event: SeatEvent) => void;
  /** What is done before each process and after it. Default: nothing. */
  readonly life?: Life;
}

/** Where a seat stands. */
export type SeatState = "loading" | "loaded" | "bound" | "ready" | "restarting" | "failed" | "stopped";

/**
 * The place of one instance, taken by one process after another. Owns: the process, and when the next is started.
 * I1: at most one process runs. I2: a process that ends unasked is followed by another after a pause that doubles, until
 * `PROCESS_CRASHES_MAX` ended within `PROCESS_WINDOW_MS`, or one said that trying again is of no use. I3: after `stop`, none starts. I4: what a life began it also ends.
 */
export class ProcessSeat {
  state: SeatState = "loading";
  /** Where it is reached; the next process tries for the same. */
  address = "";
  /** Of the process that runs, or ran last. */
  pid = 0;
  restarts = 0;
  readonly #options: SeatOptions;
  #order: ServeOrder | undefined;
  #process: ProcessHandle | undefined;
  #last: Extract<FromProcess, { kind: "failed" }> | undefined;
  #crashes: number[] = [];
  #timer: Timer | undefined;
  #gone: (() => void) | undefined;
  /** Whether any process of this seat was ever ready: what then fails to start is tried again. */
  #wasReady = false;
  /** What the life does; done when it is not doing anything. */
  #living: Promise<void> = Promise.resolve();

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  /** Starts the first process; with an order it goes on to serve, else it waits for one. */
  start(order?: ServeOrder): void {
    this.#order = order;
    this.#spawn();
  }

  /** Tells a process that has loaded its files what to serve. */
  serve(order: ServeOrder): void {
    this.#order = order;
    this.tell(order);
  }

  tell(message: ToProcess): void {
    this.#process?.send(message);
  }

  /** Asks the process to end within the time, then ends it. Resolves when it is gone. */
  async stop(timeoutMs: number, graceMs: number): Promise<void> {
    this.state = "stopped"; // I3
    this.#timer?.cancel();
    if (this.#process === undefined) return await this.#living; // I4
    const gone = new Promise<void>((resolve) => {
      this.#gone = resolve;
    });
    this.tell({ kind: "stop", timeoutMs });
    const late = this.#options.clock.timer(timeoutMs + graceMs, () => this.kill());
    await gone;
    late.cancel();
  }

  kill(): void {
    this.state = "stopped";
    this.#timer?.cancel();
    this.#process?.kill("SIGKILL");
  }

  #spawn(): void {
    const { life } = this.#options;
    this.state = "loading";
    this.#last = undefined;
    if (life === undefined) this.#run();
    else this.#living = this.#begin(life);
  }

  async #begin(life: Life): Promise<void> {
    const missing = await life.begin();
    if (this.state !== "stopped" && missing === "") {
      this.#run();
      return;
    }
    await life.end(); // I4
    if (this.#isStopped()) return;
    this.#last = { kind: "failed", code: "failed_precondition", text: missing, retry: false };
    this.#ended({ code: 1, signal: "" });
  }

  /** As a question of its own: what is awaited may change it. */
  #isStopped(): boolean {
    return this.state === "stopped";
  }

  #run(): void {
    const { host, clock, paths, cwd } = this.#options;
    const running = host.start();
    this.#process = running; // I1
    this.pid = running.pid;
    const late = clock.timer(PROCESS_LOAD_MS_MAX, () => {
      this.#last = tooSlow();
      running.kill("SIGKILL");
    });
    this.#timer = late;
    running.onMessage((message) => this.#hear(message as FromProcess));
    running.onExit((exit) => {
      late.cancel();
      this.#process = undefined;
      const over = () => {
        this.#gone?.();
        if (!this.#isStopped()) this.#ended(exit);
      };
      const { life } = this.#options;
      if (life === undefined) over();
      else this.#living = life.end().then(over); // I4
    });
    running.send({ kind: "load", paths, cwd } satisfies ToProcess);
  }

  #hear(message: FromProcess): void {
    if (this.state === "stopped") return;
    switch (message.kind) {
      case "loaded":
        this.state = "loaded";
        if (this.#order === undefined) this.#tellOwner({ kind: "loaded", components: message.components });
        else this.tell(this.#orderNow(this.#order));
        return;
      case "bound":
        this.#timer?.cancel();
        this.state = "bound";
        this.address = message.address;
        this.#tellOwner({ kind: "bound" });
        return;
      case "ready":
        this.state = "ready";
        this.#wasReady = true;
        this.#tellOwner({ kind: "ready" });
        return;
      case "failed":
        this.#last = message;
    }
  }

  /** The order as it stands: a later process takes the address of the one before, so that callers find it by themselves. */
  #orderNow(order: ServeOrder): ServeOrder {
    return this.address === "" ? order : { ...order, listen: this.address };
  }

  #ended(exit: ProcessExit): void {
    const { clock } = this.#options;
    const last = this.#last;
    const text = last?.text ?? endOf(exit);
    const isHopeless = last !== undefined && !last.retry && !this.#wasReady;
    const nowMs = clock.monotonic();
    this.#crashes = [...this.#crashes.filter((atMs) => nowMs - atMs < PROCESS_WINDOW_MS), nowMs];
    if (isHopeless || this.#crashes.length >= PROCESS_CRASHES_MAX) {
      this.state = "failed";
      const often = `it ended ${this.#crashes.length} times in ${PROCESS_WINDOW_MS / 1000} s, the last time because ${text}`;
      this.#tellOwner({ kind: "failed", code: last?.code ?? "internal", text: isHopeless ? text : often });
      return;
    }
    this.state = "restarting";
    this.#tellOwner({ kind: "crashed", text });
    const delayMs = Math.min(RESTART_DELAY_MIN_MS * 2 ** (this.#crashes.length - 1), RESTART_DELAY_MAX_MS);
    this.#timer = clock.timer(delayMs, () => {
      this.restarts++;
      this.#spawn(); // I2
    });
  }

  #tellOwner(event: SeatEvent): void {
    this.#options.onEvent(this, event);
  }
}

function endOf({ code, signal }: ProcessExit): string {
  return signal === "" ? `it exited with code ${code}` : `it was ended by ${signal}`;
}

function tooSlow(): Extract<FromProcess, { kind: "failed" }> {
  const text = `it was not loaded within ${PROCESS_LOAD_MS_MAX / 1000} s`;
  return { kind: "failed", code: "deadline_exceeded", text, retry: true };
}
