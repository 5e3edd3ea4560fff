import type { StreamOptions } from "@orrery/core";
import { AppsService } from "@orrery/platform/service";
import type { CommandInput } from "../command.ts";
import { type ExitCode, usageError } from "../command-error.ts";
import { readSince } from "../read-since.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { appAddress } from "./app-names.ts";
import { printFollowed } from "./follow-lines.ts";
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
async function printLogs({ address, ...wish }: Wish, { server, terminal, isJson }: ResourceContext): Promise<ExitCode> {
  const { follow: isFollowed, lines, streams, ...others } = wish;
  let after = wish.after;
  const read = async function* (isFirst: boolean, options: StreamOptions) {
    const request = { address, ...others, follow: isFollowed, after, streams: [...streams] };
    const last = isFirst && lines !== undefined ? { lines } : {};
    for await (const piece of server.node.client(AppsService).readLog({ ...request, ...last }, options)) {
      if (piece.missed > 0n) terminal.say(`${piece.missed} lines are not kept any more`);
      after = piece.lines.at(-1)?.number ?? after;
      yield piece.lines.map((line) => (isJson ? JSON.stringify(logJson(line, address)) : logText(line, terminal)));
    }
  };
  const tip = () => `orrery logs ${address} --follow --after=${after}`;
  return await printFollowed({ isFollowed, address, tip, read }, { server, terminal, isJson });
}
