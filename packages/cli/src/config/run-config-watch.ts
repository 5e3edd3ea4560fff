import { ConfigService } from "@orrery/platform/services";
import { CommandError, EXIT } from "../command-error.ts";
import { isLost } from "../resources/follow-changes.ts";
import { WATCH_SILENT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand, type ResourceContext } from "../resources/resource-command.ts";
import { readCount } from "../spaces/space-place.ts";
import { type ConfigPlaceWish, changeJson, changeRows, readConfigPlace } from "./config-words.ts";

interface Wish extends ConfigPlaceWish {
  readonly path: string;
  readonly after: number | undefined;
  readonly count: number;
}

/** `orrery config watch` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [path = ""] = input.words;
    const count = readCount(input, "count") ?? Number.POSITIVE_INFINITY;
    return { ...readConfigPlace(input, terminal), path, after: readCount(input, "after"), count };
  },
  act: async (wish, context) => {
    const end = new AbortController();
    const release = context.terminal.onInterrupt(() => end.abort());
    try {
      await follow(wish, context, end.signal);
    } finally {
      release();
    }
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);

async function follow(
  { space, scope, path, after, count }: Wish,
  { server, terminal, isJson }: ResourceContext,
  signal: AbortSignal,
): Promise<void> {
  const from = after === undefined ? {} : { after: BigInt(after) };
  let [version, left, isBegun] = [after ?? 0, count, false];
  try {
    const options = { signal, idleMs: WATCH_SILENT_MS };
    for await (const word of server.node.client(ConfigService).watch({ space, scope, path, ...from }, options)) {
      version = Number(word.version);
      if (!isBegun) terminal.say(`Watching config after version ${version}, Ctrl-C ends it`);
      isBegun = true;
      if (word.change === undefined) continue;
      const lines = isJson
        ? [JSON.stringify(changeJson(word.change))]
        : changeRows(word.change).map((row) => row.join("  "));
      if (!(await terminal.write(`${lines.join("\n")}\n`)) || --left === 0) return;
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!isBegun || !isLost(error)) throw server.explain(error);
    const tip = `the same with --after=${version}, once orrery up runs again`;
    throw new CommandError(`Cannot go on watching: "${server.address}" went away`, {
      exit: EXIT.notFound,
      tip,
      cause: error,
    });
  }
}
