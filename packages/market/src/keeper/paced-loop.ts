import type { Clock } from "@orrery/core";

/** What a loop does, and when. */
export interface PacedLoopOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** Done again and again, one after the other. */
  readonly step: () => Promise<void>;
  /** How long until the next, in ms; asked after each. */
  readonly pauseMs: () => number;
  /** Told of a step that failed: the next one comes all the same. */
  readonly onFailed: (error: unknown) => void;
}

/** Does one thing again and again, with a pause between. I1: one step goes on at a time. I2: after its end none begins. */
export class PacedLoop {
  readonly #options: PacedLoopOptions;
  readonly #end = new AbortController();
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: PacedLoopOptions) {
    this.#options = options;
  }

  /** Whether no step begins any more: one that goes on begins nothing new then. */
  get isEnded(): boolean {
    return this.#end.signal.aborted;
  }

  /** Begins with the first step; once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Has the next step come at once. */
  wake(): void {
    this.#wake();
  }

  /** Has no step begin any more. */
  end(): void {
    this.#end.abort();
    this.#wake();
  }

  /** The same, and waits for the step that goes on. */
  async stop(): Promise<void> {
    this.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, step, pauseMs, onFailed } = this.#options;
    while (!this.isEnded) {
      const pause = new AbortController(); // Before the step: what wakes it meanwhile counts.
      this.#wake = () => pause.abort();
      await step().catch(onFailed);
      if (this.isEnded) return;
      await clock.sleep(pauseMs(), pause.signal).catch(() => undefined);
    }
  }
}
