import type { Clock } from "@orrery/core";
import type { PodContainer } from "../../pod/pod.ts";
import type { ContainerEnd, StartedContainer } from "../backend/container-backend.ts";
import {
  ANEW_AFTER,
  BACKOFF_MAX_MS,
  BACKOFF_MIN_MS,
  BACKOFF_RESET_MS,
  FAILED_AFTER,
  PROBE_FIRST_MS,
  PROBE_GROWTH,
  PROBE_PAUSE_MS,
  SETTLE_MS,
  STOP_MS,
  UNWELL_AFTER,
  WATCH_MS,
} from "../limits.ts";
import type { PodLine, RunningCopy } from "../pod-runtime.ts";
import { pumpLines } from "./pump-lines.ts";
import { accepts, answersWell } from "./system-probe.ts";

/** Options of `createContainerKeeper`. */
export interface ContainerKeeperOptions {
  readonly clock: Clock;
  readonly container: PodContainer;
  readonly copy: number;
  readonly start: () => Promise<StartedContainer>;
  readonly reach: (port: number) => { readonly host: string; readonly port: number };
  readonly tell: (line: Pick<PodLine, "stream" | "text">) => void;
  /** Told whenever its state is another. */
  readonly onChange: () => void;
}

/** Keeps one container of a copy running. */
export interface ContainerKeeper {
  view(): RunningCopy;
  /** How often it ended since it was last well. */
  readonly endsUnwell: number;
  readonly pid: number | undefined;
  usage(): { readonly cpuMs: number; readonly memoryBytes: number };
  /** Ends its processes, and starts none anew, but stays: what it ended for is told. */
  hold(why: string): Promise<void>;
  /** Ends it for good, and waits for that. */
  stop(): Promise<void>;
}

/** Starts a container and keeps it running until it is stopped. */
export function createContainerKeeper(options: ContainerKeeperOptions): ContainerKeeper {
  return new Keeper(options);
}

/**
 * Owns: the processes of one container, one after the other. I1: after an end that nobody asked for the next start waits, longer from end to end, up
 * to a bound. I2: one that is over its memory is ended, whichever of its processes the kernel took. I3: when `stop` is done nothing of it runs.
 */
class Keeper implements ContainerKeeper {
  readonly #options: ContainerKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;
  #state: RunningCopy["state"] = "starting";
  #restarts = 0;
  #lastEnd: string | undefined;
  #startedAtMs: number;
  #running: StartedContainer | undefined;
  #endedCpuMs = 0;
  #isAnew = false;
  #isHeld = false;
  endsUnwell = 0;

  constructor(options: ContainerKeeperOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.now();
    this.#done = this.#keep();
  }

  get pid(): number | undefined {
    return this.#running?.pid();
  }

  view(): RunningCopy {
    const { container, copy } = this.#options;
    const [state, restarts, lastEnd] = [this.#state, this.#restarts, this.#lastEnd];
    return { container: container.name, copy, state, restarts, lastEnd, startedAtMs: this.#startedAtMs };
  }

  usage() {
    const { cpuMs = 0, memoryBytes = 0 } = this.#running?.usage() ?? {};
    return { cpuMs: this.#endedCpuMs + cpuMs, memoryBytes };
  }

  async hold(why: string): Promise<void> {
    this.#isHeld = true;
    await this.stop();
    this.#lastEnd = why;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const running = this.#running;
    if (running !== undefined) {
      running.end("ask");
      const late = this.#options.clock.timer(STOP_MS, () => running.end("kill"));
      await running.ended;
      late.cancel();
    }
    await this.#done; // I3
  }

  async #keep(): Promise<void> {
    const { clock, tell } = this.#options;
    const { signal } = this.#stopping;
    for (let tries = 0; !signal.aborted; ) {
      const beganMs = clock.monotonic();
      this.#set("starting");
      await this.#runOnce();
      if (signal.aborted) break;
      tries = clock.monotonic() - beganMs > BACKOFF_RESET_MS ? 1 : tries + 1;
      const pauseMs = this.#isAnew ? 0 : Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.min(tries - 1, 20)); // I1
      this.#isAnew = false;
      this.#set(this.endsUnwell >= FAILED_AFTER ? "failed" : "ended");
      tell({ stream: "event", text: `ended: ${this.#lastEnd}, starts anew in ${pauseMs} ms` });
      await clock.sleep(pauseMs, signal).catch(() => {}); // It is stopped.
      if (!signal.aborted) this.#restarts += 1;
    }
    this.#set(this.#isHeld ? "failed" : "ended");
  }

  /** One process from its start to its end. */
  async #runOnce(): Promise<void> {
    const { clock, tell, start } = this.#options;
    this.#startedAtMs = clock.now();
    try {
      this.#running = await start();
    } catch (error) {
      this.endsUnwell += 1;
      this.#lastEnd = `cannot start (${(error as Error).message})`;
      return;
    }
    const running = this.#running;
    if (this.#stopping.signal.aborted) running.end("kill");
    pumpLines(running.stdout, clock, (text) => tell({ stream: "stdout", text }));
    pumpLines(running.stderr, clock, (text) => tell({ stream: "stderr", text }));
    const over = new AbortController();
    const looks = [this.#lookAtHealth(running, over.signal), this.#lookAtMemory(running, over.signal)];
    const end = await running.ended;
    over.abort();
    await Promise.allSettled(looks);
    this.#endedCpuMs += end.cpuMs;
    this.#running = undefined;
    if (this.#state === "starting") this.endsUnwell += 1;
    if (!this.#isAnew) this.#lastEnd = endText(end);
    if (this.#stopping.signal.aborted) tell({ stream: "event", text: "stopped" });
  }

  async #lookAtHealth(running: StartedContainer, signal: AbortSignal): Promise<void> {
    const { clock, container, tell } = this.#options;
    const beganMs = clock.monotonic();
    let startMs = PROBE_FIRST_MS;
    for (let failed = 0; !signal.aborted; ) {
      const isWell = await this.#isWell(clock.monotonic() - beganMs);
      if (signal.aborted) return;
      failed = isWell ? 0 : failed + 1;
      if (isWell && this.#state !== "running") {
        this.endsUnwell = 0;
        tell({ stream: "event", text: "well" });
        this.#set("running");
      }
      if (this.#state === "running" && container.health === undefined) return;
      if (this.#state === "running" && failed >= UNWELL_AFTER) {
        tell({
          stream: "event",
          text: `not well: ${failed} questions for ${container.health?.path} were not answered with 200`,
        });
        this.#set("unwell");
      }
      if (this.#state === "unwell" && failed >= ANEW_AFTER) {
        this.#isAnew = true;
        this.#lastEnd = "not well";
        running.end("kill");
        return;
      }
      startMs = Math.min(PROBE_PAUSE_MS, startMs * PROBE_GROWTH);
      const pauseMs = this.#state === "starting" ? startMs : (container.health?.everyMs ?? PROBE_PAUSE_MS);
      await clock.sleep(pauseMs, signal).catch(() => {}); // It ended.
    }
  }

  /** Whether it answers as it says; or, as it says nothing, listens; or runs on. */
  async #isWell(sinceMs: number): Promise<boolean> {
    const { container, reach } = this.#options;
    if (container.health !== undefined) return await answersWell(reach(container.health.port), container.health.path);
    const ports = container.ports.filter(({ protocol }) => protocol !== "udp");
    if (ports.length === 0) return sinceMs >= SETTLE_MS;
    for (const { port } of ports) if (!(await accepts(reach(port)))) return false;
    return true;
  }

  /** I2 */
  async #lookAtMemory(running: StartedContainer, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (running.isOverMemory()) return running.end("kill");
      await this.#options.clock.sleep(WATCH_MS, signal).catch(() => {}); // It ended.
    }
  }

  #set(state: RunningCopy["state"]): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onChange();
  }
}

function endText({ code, signal, isOutOfMemory }: ContainerEnd): string {
  if (isOutOfMemory) return "memory";
  return signal === "" ? `exit ${code}` : `signal ${signal}`;
}
