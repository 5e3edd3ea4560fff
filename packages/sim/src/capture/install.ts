import { type Capture, installCapture } from "./system-capture.ts";

/**
 * Installs the capture of globals as a program begins, before any code has kept `Date` or a timer for itself:
 * `node --import @orrery/sim/capture/install --test`, or as the first import of a test file.
 */
export const capture: Capture = installCapture();
