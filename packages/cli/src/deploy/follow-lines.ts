import type { StreamOptions } from "@orrery/core";
import { EXIT, type ExitCode } from "../command-error.ts";
import { isLost, untilBack } from "../resources/follow-changes.ts";
import { WATCH_SILENT_MS, WATCH_WAIT_MS } from "../resources/limits.ts";
import type { ResourceContext } from "../resources/resource-command.ts";

/** Lines of a server, which may be followed. */
export interface FollowedLines {
  readonly isFollowed: boolean;
  /** What is asked for to learn whether a server that went away is back. */
  readonly address: string;
  /** What goes on where it was, for people. */
  tip(): string;
  /** Reads lines as they are printed; anew, behind what was read, where the server was away. */
  read(isFirst: boolean, options: StreamOptions): AsyncIterable<readonly string[]>;
}

/** Prints lines until there are no more, or, where they are followed, until somebody ends it; a server that goes away is waited for. */
export async function printFollowed(lines: FollowedLines, context: ResourceContext): Promise<ExitCode> {
  const { server, terminal } = context;
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  const signal = end.signal;
  const { isFollowed, address } = lines;
  const options = isFollowed ? { signal, idleMs: WATCH_SILENT_MS } : { signal, timeoutMs: server.timeoutMs };
  let isFirst = true;
  try {
    for (;;) {
      try {
        for await (const some of lines.read(isFirst, options)) {
          isFirst = false;
          if (some.length > 0 && !(await terminal.write(`${some.join("\n")}\n`))) return EXIT.done;
        }
        if (!isFollowed) return EXIT.done;
      } catch (error) {
        if (signal.aborted) return EXIT.done;
        if (!isFollowed || isFirst || !isLost(error)) throw server.explain(error);
      }
      terminal.say(`"${server.address}" went away, it is waited for`);
      await untilBack({ address, waitMs: WATCH_WAIT_MS, tip: lines.tip() }, { ...context, signal });
    }
  } finally {
    release();
  }
}
