import { usageError } from "../command-error.ts";
import { readSince } from "../read-since.ts";
import { timeText } from "./lease-words.ts";
import { LOG_LINES_MAX } from "./limits.ts";
import { marketCommand } from "./open-market.ts";
import { openPod } from "./open-pod.ts";

/** Shows what a pod wrote, line by line as it comes. */
export const run = marketCommand(async (context) => {
  const { input, terminal, clock, isJson } = context;
  using pod = await openPod(context);
  const { lease, door } = pod;
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  const asked = {
    lease,
    container: input.text("container") ?? "",
    sinceMs: BigInt(readSince(input, clock)),
    tail: tailOf(input.text("tail")),
    follow: input.has("follow"),
  };
  try {
    for await (const { atMs, container, replica, stream, text } of door.calls.readLog(asked, { signal: end.signal })) {
      const at = timeText(Number(atMs));
      const line = isJson
        ? JSON.stringify({ at, container, replica, stream, text })
        : `${at} ${container}.${replica} ${stream === "stdout" ? "" : `[${stream}] `}${text}`;
      if (!(await terminal.write(`${line}\n`))) return;
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    release();
  }
});

function tailOf(said: string | undefined): number {
  if (said === undefined) return 0;
  if (/^\d{1,6}$/.test(said) && Number(said) > 0 && Number(said) <= LOG_LINES_MAX) return Number(said);
  throw usageError(`Cannot read flag --tail: "${said}" is no count from 1 to ${LOG_LINES_MAX}`);
}
