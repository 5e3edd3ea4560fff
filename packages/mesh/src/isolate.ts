import { OrreryError } from "@orrery/core";

/** What each instance of a component has for its own: a process, or a worker thread of the process that starts it. */
export type Isolate = "process" | "thread";

/** Both. */
export const ISOLATES: readonly Isolate[] = ["process", "thread"];

/** Checks a word. @throws OrreryError `invalid_argument`, which names those that there are. */
export function assertIsolate(word: unknown): asserts word is Isolate {
  if (ISOLATES.some((known) => known === word)) return;
  const text = `Cannot isolate instances by ${JSON.stringify(word)}: there is no such way, write process or thread`;
  throw new OrreryError("invalid_argument", text);
}
