import type { CommandInput } from "../command.ts";
import { EXIT, usageError } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { followChanges, type WatchWish } from "./follow-changes.ts";
import { followMessages, isBroadcast } from "./follow-messages.ts";
import { WATCH_WAIT_MS } from "./limits.ts";
import { handlerOf, type ResourceCommand } from "./resource-command.ts";
import { readRevision } from "./run-set.ts";
import { readAddress } from "./target.ts";
import { watchLines } from "./watch-lines.ts";
import { openWatchView } from "./watch-view.ts";

/** `orrery watch` */
export const command: ResourceCommand<WatchWish> = {
  read: (input) => {
    const count = input.text("count") ?? "0";
    if (!/^\d{1,9}$/.test(count))
      throw usageError(`Cannot read flag --count: "${count}" is no number of changes, write a whole one`);
    const wait = input.text("wait");
    return {
      address: readAddress(input.words[0] ?? ""),
      what: whatOf(input),
      after:
        input.text("after") === "0" ? 0n : input.text("after") === undefined ? undefined : readRevision(input, "after"),
      count: count === "0" ? Number.POSITIVE_INFINITY : Number(count),
      waitMs: wait === undefined ? WATCH_WAIT_MS : parseTime(wait, "wait"),
    };
  },
  act: async (wish, context) => {
    const { terminal, isJson } = context;
    const end = new AbortController();
    const release = terminal.onInterrupt(() => end.abort());
    try {
      if (await isBroadcast(wish, context)) {
        await followMessages(wish, { ...context, signal: end.signal });
        return EXIT.done;
      }
      const teller =
        isJson || !terminal.isScreen
          ? watchLines(wish, context)
          : await openWatchView(wish, context, () => end.abort());
      try {
        await followChanges(wish, { ...context, signal: end.signal }, teller);
      } finally {
        await teller.close();
      }
      return EXIT.done;
    } catch (error) {
      if (end.signal.aborted) return EXIT.done;
      throw error;
    } finally {
      release();
    }
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function whatOf(input: CommandInput): WatchWish["what"] {
  if (input.has("deep")) return "**";
  return input.has("children") ? "*" : "itself";
}
