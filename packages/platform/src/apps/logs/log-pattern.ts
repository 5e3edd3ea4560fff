import { OrreryError } from "@orrery/core";
import { LOG_PATTERN_LENGTH, LOG_PATTERN_STEPS } from "./limits.ts";

/** Which addresses are meant: steps, of which `*` stands for any one, and `**` at the end for one or more. */
export interface LogPattern {
  readonly steps: readonly string[];
}

const ANY = "*";
const BELOW = "**";
/** A segment of an address, or a component as an app's file names it. */
const STEP = /^[A-Za-z0-9][A-Za-z0-9_.@+-]*$/;

/**
 * Reads a pattern such as `demo.test:app:**`. What it means has what lies in it along: `demo.test:app` is the app, its components and its mechtrons.
 * @throws OrreryError `invalid_argument`
 */
export function parseLogPattern(text: string): LogPattern {
  const refuse = (why: string): never => {
    throw new OrreryError("invalid_argument", `Cannot read log pattern "${text}": ${why}`);
  };
  if (text.length > LOG_PATTERN_LENGTH) refuse(`it is longer than ${LOG_PATTERN_LENGTH} characters`);
  const steps = text.split(":");
  if (steps.length > LOG_PATTERN_STEPS) refuse(`it has more than ${LOG_PATTERN_STEPS} steps`);
  const wrong = steps.find(
    (step, at) => !STEP.test(step) && step !== ANY && !(step === BELOW && at === steps.length - 1),
  );
  if (wrong === BELOW) refuse('"**" stands at the end only: write "*" for one step');
  if (wrong !== undefined)
    refuse(`"${wrong}" is no step of an address, write one such as demo.test:app:greeter, or demo.test:app:**`);
  return { steps };
}

/** Writes a pattern as `parseLogPattern` reads it. */
export function printLogPattern({ steps }: LogPattern): string {
  return steps.join(":");
}

/** Whether a pattern means an address, or something that it lies in. */
export function patternReaches({ steps }: LogPattern, address: string): boolean {
  const own = address.split(":");
  return own.length >= steps.length && steps.every((step, at) => fits(step, own[at]));
}

/** Whether a pattern may mean something that lies in an address, where it does not mean that itself. */
export function patternEnters({ steps }: LogPattern, address: string): boolean {
  const own = address.split(":");
  return own.length < steps.length && own.every((one, at) => fits(steps[at] ?? "", one));
}

/**
 * Which of two patterns is the more special, for addresses that both reach: read from the left, a name counts more than `*`, that more than `**`, and
 * that more than nothing. Below 0 where it is the first; 0 for none but equal ones.
 */
export function comparePatterns(one: LogPattern, other: LogPattern): number {
  const length = Math.max(one.steps.length, other.steps.length);
  for (let at = 0; at < length; at++) {
    const difference = weightOf(other.steps[at]) - weightOf(one.steps[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function fits(step: string, own: string | undefined): boolean {
  return step === own || step === ANY || step === BELOW;
}

function weightOf(step: string | undefined): number {
  if (step === undefined) return 0;
  if (step === BELOW) return 1;
  return step === ANY ? 2 : 3;
}
