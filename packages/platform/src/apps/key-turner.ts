import type { Clock, Timer } from "@orrery/core";
import { APP_KEY_AGAIN_MS, APP_KEY_TURN_MS } from "./limits.ts";

/** Options of `createKeyTurner`. */
export interface KeyTurnerOptions {
  readonly clock: Pick<Clock, "now" | "timer">;
  /** When the key of now was drawn, in ms since 1970. */
  readonly drawnMs: () => number;
  /** Whether all take calls, and nothing else is about to change. */
  readonly isReady: () => boolean;
  /** Has the next key take the place of that of now; false where that was put back. */
  readonly turn: () => Promise<boolean>;
}

/** Has a key replaced when its time is over. */
export interface KeyTurner {
  /** Looks whether something is to be done; said whenever what it asks for may have changed. */
  look(): void;
  close(): void;
}

/** Makes what turns the key of an app: once a day, when all of it takes calls; where that fails, again after a while. One turn at a time. */
export function createKeyTurner({ clock, drawnMs, isReady, turn }: KeyTurnerOptions): KeyTurner {
  let timer: Timer | undefined;
  let notBeforeMs = 0;
  let state: "waiting" | "turning" | "closed" = "waiting";
  const look = () => {
    if (state !== "waiting" || timer !== undefined) return;
    const leftMs = Math.max(drawnMs() + APP_KEY_TURN_MS, notBeforeMs) - clock.now();
    if (leftMs > 0) {
      timer = clock.timer(Math.min(leftMs, APP_KEY_TURN_MS), () => {
        timer = undefined;
        look();
      });
    } else if (isReady()) {
      state = "turning";
      void turn().then((isDone) => {
        if (!isDone) notBeforeMs = clock.now() + APP_KEY_AGAIN_MS;
        if (state === "turning") state = "waiting";
        look();
      });
    }
  };
  return {
    look,
    close: () => {
      state = "closed";
      timer?.cancel();
    },
  };
}
