/** Promises that were rejected and that nobody looks at, for the time of a run. */
export interface Rejections {
  /** Throws the first, if there was one. */
  assertNone(): void;
  stop(): void;
}

type Listener = (reason: unknown, promise: Promise<unknown>) => void;

const watching = new Set<(reason: unknown) => void>();
let others: readonly Listener[] = [];

const tell: Listener = (reason) => {
  for (const note of watching) note(reason);
};

/**
 * Takes note of rejections that nobody handles. Until it is stopped, whoever listened to the process for them, such as a test runner, is not
 * told: they belong to the run.
 */
export function watchRejections(): Rejections {
  const seen: unknown[] = [];
  const note = (reason: unknown) => {
    seen.push(reason);
  };
  if (watching.size === 0) {
    others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", tell);
  }
  watching.add(note);
  return {
    assertNone() {
      if (seen.length > 0) throw seen[0];
    },
    stop() {
      if (!watching.delete(note) || watching.size > 0) return;
      process.off("unhandledRejection", tell);
      for (const other of others) process.on("unhandledRejection", other);
    },
  };
}
