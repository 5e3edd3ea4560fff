import { nodeCrypto } from "./node-crypto.ts";

/**
 * What the engine takes from the machine beside its sockets: timers, chance, and the end of a turn.
 * Everything here may be replaced, so that tests decide when time passes and which keys are drawn.
 */
export interface ZmqSystem {
  /** Runs `run` once after `delayMs`, unless the returned function is called first. */
  setTimer(delayMs: number, run: () => void): () => void;
  /** Runs `run` when the current turn of the event loop has done its work, before the next input is read. */
  endOfTurn(run: () => void): void;
  /** Runs `run` when the event loop has handled all input that was there when it looked, in however many turns. */
  endOfPass(run: () => void): void;
  /** A number in [0, 1), for jitter only. */
  random(): number;
  /** Fresh bytes fit for keys and nonces. */
  randomBytes(size: number): Uint8Array;
}

/** The machine's own timers and randomness. */
export const realSystem: ZmqSystem = {
  setTimer(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  // Promise jobs run first, then this: whatever the turn's handlers still send leaves in the same write.
  endOfTurn(run) {
    queueMicrotask(() => process.nextTick(run));
  },
  endOfPass(run) {
    setImmediate(run);
  },
  random: () => Math.random(),
  randomBytes: (size) => nodeCrypto().randomBytes(size),
};
