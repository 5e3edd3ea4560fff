import type { Terminal } from "./terminal.ts";

/** How something that runs until it is interrupted comes to its end. */
export interface TwoInterrupts {
  /** Settles with the first interrupt: it is to end. */
  readonly asked: Promise<void>;
  /** Settles with the second: it is to end at once. */
  readonly forced: Promise<undefined>;
}

/** Listens for interrupts from now on. */
export function twoInterrupts(terminal: Terminal): TwoInterrupts {
  const asked = Promise.withResolvers<void>();
  const forced = Promise.withResolvers<undefined>();
  let isAsked = false;
  terminal.onInterrupt(() => {
    if (isAsked) forced.resolve(undefined);
    isAsked = true;
    asked.resolve();
  });
  return { asked: asked.promise, forced: forced.promise };
}
