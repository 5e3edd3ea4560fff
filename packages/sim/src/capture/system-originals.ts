/**
 * What this package itself needs of the machine. Read here, before any capture is installed, so that it is the machine's own also when
 * code of a world calls.
 */
export const originals = {
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  monotonic: performance.now.bind(performance),
  emitWarning: process.emitWarning.bind(process),
} as const;
