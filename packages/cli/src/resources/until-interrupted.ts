import { EXIT, type ExitCode } from "../command-error.ts";
import type { ResourceContext } from "./resource-command.ts";

/**
 * Follows what a server tells until it ends, or until Ctrl-C, which ends it well.
 * @throws CommandError for what went wrong, as the server explains it
 */
export async function untilInterrupted(
  { server, terminal }: Pick<ResourceContext, "server" | "terminal">,
  follow: (signal: AbortSignal) => Promise<void>,
): Promise<ExitCode> {
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  try {
    await follow(end.signal);
    return EXIT.done;
  } catch (error) {
    if (end.signal.aborted) return EXIT.done;
    throw server.explain(error);
  } finally {
    release();
  }
}
