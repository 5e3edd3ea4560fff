import { OrreryError } from "@orrery/core";

/** What is wrong in a text, and where. */
export interface SourceFault {
  /** What could not be done, such as `Cannot parse address`. */
  readonly action: string;
  readonly text: string;
  /** Where it is wrong: an index into `text`, its length where something is missing at the end. */
  readonly offset: number;
  /** Why, and what would work; no final period. */
  readonly why: string;
}

const SHOWN_MAX = 160;

/**
 * Makes the error of a text that cannot be parsed: one line that says what and why, then the text with a caret under the place.
 * Details have `offset`, and `column`, which counts from 1.
 */
export function sourceFault({ action, text, offset, why }: SourceFault): OrreryError {
  const from = Math.max(0, Math.min(offset, text.length) - SHOWN_MAX / 2);
  const shown = printable(text.slice(from, from + SHOWN_MAX));
  const column = offset + 1;
  const caret = `${" ".repeat(offset - from)}^`;
  const message = `${action} "${shown}": ${printable(why)}, at column ${column}\n  ${shown}\n  ${caret}`;
  return new OrreryError("invalid_argument", message, { details: { offset, column } });
}

/** A control character would move the caret, or worse. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "\u00b7");
}
