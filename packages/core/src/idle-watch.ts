import type { Clock, Timer } from "./clock.ts";

/** Options of an idle watch. */
export interface IdleWatchOptions {
  readonly clock: Clock;
  /** How long nothing may move, in ms. */
  readonly idleMs: number;
  /** Called once, when nothing has moved for so long. */
  readonly onIdle: () => void;
}

/** Watches that something goes on. */
export interface IdleWatch {
  /** Something moved. Cheap: no timer is touched. */
  touch(): void;
  /** Ends the watch; harmless when it has ended. */
  stop(): void;
}

/** Begins a watch, as if something had moved just now. It keeps one timer, which starts anew only when it fires. */
export function watchIdle({ clock, idleMs, onIdle }: IdleWatchOptions): IdleWatch {
  let movedMs = clock.monotonic();
  let timer: Timer;
  const look = () => {
    const leftMs = movedMs + idleMs - clock.monotonic();
    if (leftMs <= 0) onIdle();
    else timer = clock.timer(leftMs, look);
  };
  timer = clock.timer(idleMs, look);
  return {
    touch() {
      movedMs = clock.monotonic();
    },
    stop: () => timer.cancel(),
  };
}
