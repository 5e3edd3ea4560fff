/** Promises that were rejected and that nobody looks at, for the time of a run. */
export interface Rejections {
  /** Throws the first, if there was one. */
  assertNone(): void;
  stop(): void;
}

/** Takes note of rejections that nobody handles, in the place of the process, which would end. */
export function watchRejections(): Rejections {
  const seen: unknown[] = [];
  const note = (reason: unknown) => {
    seen.push(reason);
  };
  process.on("unhandledRejection", note);
  return {
    assertNone() {
      if (seen.length > 0) throw seen[0];
    },
    stop() {
      process.off("unhandledRejection", note);
    },
  };
}
