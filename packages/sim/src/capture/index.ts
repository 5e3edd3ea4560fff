/** Holds unmodified code in a world: its clocks, timers, chance, input and output are those of its node. */
export { external } from "./external-doors.ts";
export type { CaptureMode } from "./owner.ts";
export { type Capture, installCapture } from "./system-capture.ts";
