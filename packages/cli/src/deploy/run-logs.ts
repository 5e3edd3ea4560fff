import { AppsService, type LogLineMessage } from "@orrery/platform/service";
import type { CommandInput } from "../command.ts";
import { EXIT, type ExitCode, usageError } from "../command-error.ts";
import { readSince } from "../read-since.ts";
import { isLost, untilBack } from "../resources/follow-changes.ts";
import { WATCH_SILENT_MS, WATCH_WAIT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { appAddress } from "./app-names.ts";
import { LOG_LINES_DEFAULT } from "./limits.ts";
import { logJson, logText } from "./log-lines.ts";

interface Wish {
  readonly address: string;
  /** Undefined for all that are kept. */
  readonly lines: number | undefined;
  readonly follow: boolean;
  readonly sinceMs: bigint;
  readonly after: bigint;
  readonly instance: string;
  readonly streams: readonly string[];
}

/** `orrery logs` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const after = countOf(input, "after");
    const isFrom = after !== undefined || input.text("since") !== undefined;
    return {
      address: appAddress(input, input.words[0] ?? ""),
      lines:
        input.text("lines") === "all"
          ? undefined
          : (countOf(input, "lines") ?? (isFrom ? undefined : LOG_LINES_DEFAULT)),
      follow: input.has("follow"),
      sinceMs: BigInt(readSince(input)),
      after: BigInt(after ?? 0),
      instance: input.text("instance") ?? "",
      streams: input.texts("stream"),
    };
  },
  act: printLogs,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

function countOf(input: CommandInput, flag: string): number | undefined {
  const text = input.text(flag);
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no number, write one such as 20`);
}

/** Prints lines until there are no more, or, where they are followed, until somebody ends it; a server that goes away is waited for. */
async function printLogs(wish: Wish, context: ResourceContext): Promise<ExitCode> {
  const { server, terminal } = context;
  const end = new AbortController();
  const release = terminal.onInterrupt(() => end.abort());
  const place = { after: wish.after, isFirst: true };
  try {
    for (;;) {
      try {
        if (!(await printOnce(wish, place, { ...context, signal: end.signal }))) return EXIT.done;
        if (!wish.follow) return EXIT.done;
      } catch (error) {
        if (end.signal.aborted) return EXIT.done;
        if (!wish.follow || place.isFirst || !isLost(error)) throw server.explain(error);
      }
      terminal.say(`"${server.address}" went away, it is waited for`);
      const tip = `orrery logs ${wish.address} --follow --after=${place.after}`;
      await untilBack({ address: wish.address, waitMs: WATCH_WAIT_MS, tip }, { ...context, signal: end.signal });
    }
  } finally {
    release();
  }
}

/** Prints what one answer has; gives false where nobody reads any more. */
async function printOnce(
  { address, ...wish }: Wish,
  place: { after: bigint; isFirst: boolean },
  { server, terminal, isJson, signal }: ResourceContext & { readonly signal: AbortSignal },
): Promise<boolean> {
  const { lines, ...others } = wish;
  const request = { address, ...others, after: place.after, ...(place.isFirst && lines !== undefined && { lines }) };
  const options = wish.follow ? { signal, idleMs: WATCH_SILENT_MS } : { signal, timeoutMs: server.timeoutMs };
  for await (const { lines: some, missed } of server.node
    .client(AppsService)
    .readLog({ ...request, streams: [...wish.streams] }, options)) {
    place.isFirst = false;
    if (missed > 0n) terminal.say(`${missed} lines are not kept any more`);
    place.after = some.at(-1)?.number ?? place.after;
    const write = (line: LogLineMessage) =>
      isJson ? `${JSON.stringify(logJson(line))}\n` : `${logText(line, terminal)}\n`;
    if (some.length > 0 && !(await terminal.write(some.map(write).join("")))) return false;
  }
  return true;
}
