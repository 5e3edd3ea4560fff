import { isOrreryError } from "@orrery/core";
import { parsePod } from "./parse-pod.ts";
import type { Pod } from "./pod.ts";

/** Something wrong in a pod file. */
export interface PodMistake {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, and what would work. */
  readonly why: string;
}

/** What a pod file says, or all that is wrong with it, in its order. */
export type PodCheck =
  | { readonly kind: "good"; readonly pod: Pod }
  | { readonly kind: "bad"; readonly message: string; readonly mistakes: readonly PodMistake[] };

/** Reads the text of a pod file as `parsePod` does, and gives its mistakes as data. */
export function checkPod(text: string, options: { readonly file: string }): PodCheck {
  try {
    return { kind: "good", pod: parsePod(text, options) };
  } catch (error) {
    if (!isOrreryError(error) || error.code !== "invalid_argument") throw error;
    const said = error.details["mistakes"] as
      | readonly { readonly line: number; readonly column: number; readonly text: string }[]
      | undefined;
    const mistakes = (said ?? []).map(({ line, column, text: why }) => ({ line, column, why }));
    return {
      kind: "bad",
      message: error.message,
      // What is too long has no place.
      mistakes: mistakes.length > 0 ? mistakes : [{ line: 1, column: 1, why: error.message }],
    };
  }
}
