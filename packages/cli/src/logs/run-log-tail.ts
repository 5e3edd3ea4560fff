import type { StreamOptions } from "@orrery/core";
import { AppsService, parseLogPattern, printLogPattern } from "@orrery/platform/service";
import type { ExitCode } from "../command-error.ts";
import { printFollowed } from "../deploy/follow-lines.ts";
import { LOG_LINES_DEFAULT } from "../deploy/limits.ts";
import { logJson, logText } from "../deploy/log-lines.ts";
import { readSince } from "../read-since.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { readCount } from "../spaces/space-place.ts";

interface Wish {
  readonly pattern: string;
  /** A space, or `*`. */
  readonly space: string;
  /** Undefined for all that are kept. */
  readonly lines: number | undefined;
  readonly isFollowed: boolean;
  readonly sinceMs: bigint;
  readonly level: string;
  readonly streams: readonly string[];
}

/** `orrery log tail` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    const parsed = parseLogPattern(input.words[0] ?? "");
    const [space = "*"] = parsed.steps;
    const usual = input.text("since") === undefined ? LOG_LINES_DEFAULT : undefined;
    return {
      pattern: printLogPattern(parsed),
      space: space.includes("*") ? "*" : space,
      lines: input.text("lines") === "all" ? undefined : (readCount(input, "lines") ?? usual),
      isFollowed: input.has("follow"),
      sinceMs: BigInt(readSince(input)),
      level: input.text("level") ?? "",
      streams: input.texts("stream"),
    };
  },
  act: tail,
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

/** Prints the lines of all apps that are meant, and says on the side which these are. */
async function tail(wish: Wish, { server, terminal, isJson }: ResourceContext): Promise<ExitCode> {
  const { pattern, space, lines, isFollowed, sinceMs, level, streams } = wish;
  const after: { [app: string]: bigint } = {};
  let isFirstPiece = true;
  const tellApps = (apps: readonly string[], isAtOnce: boolean) => {
    if (apps.length > 0) terminal.say(`Following ${apps.join(", ")}`);
    else if (isAtOnce) terminal.say(`No app of "${pattern}" is there yet, it is waited for`);
  };
  const read = async function* (isFirst: boolean, options: StreamOptions) {
    const request = { pattern, follow: isFollowed, sinceMs, level, streams: [...streams], after };
    const last = isFirst && lines !== undefined ? { lines } : {};
    for await (const piece of server.node.client(AppsService).tailLogs({ ...request, ...last }, options)) {
      if (isFollowed) tellApps(piece.apps, isFirstPiece);
      isFirstPiece = false;
      if (piece.missed > 0n) terminal.say(`${piece.missed} lines are not kept any more`);
      yield piece.lines.flatMap(({ app, line }) => {
        if (line === undefined) return [];
        after[app] = line.number;
        return isJson ? JSON.stringify(logJson(line, app)) : logText(line, terminal, app);
      });
    }
  };
  const tip = () => `orrery log tail '${pattern}' --follow`;
  return await printFollowed({ isFollowed, address: space, tip, read }, { server, terminal, isJson });
}
