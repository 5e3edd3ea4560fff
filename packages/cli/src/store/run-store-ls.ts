import { StoreService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked, readCount } from "../spaces/space-place.ts";
import { readTable, type StorePlaceWish } from "./store-words.ts";

interface Wish extends StorePlaceWish {
  readonly prefix: string;
  readonly descending: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly after: string;
}

/** `orrery store ls` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({
    ...readTable(input, terminal),
    prefix: input.words[0] ?? "",
    descending: input.has("descending"),
    limit: readCount(input, "limit") ?? 0,
    offset: readCount(input, "offset") ?? 0,
    after: input.text("after") ?? "",
  }),
  act: async (wish, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const request = { ...wish, keysOnly: true };
    const { entries, next } = await asked(server, () => server.node.client(StoreService).list(request, { timeoutMs }));
    const keys = entries.map(({ key }) => key);
    if (isJson) {
      const told = entries.map(({ key, version, expiresMs }) => {
        return { key, version: Number(version), ...(expiresMs === 0n ? {} : { expires: Number(expiresMs) }) };
      });
      await terminal.write(`${JSON.stringify({ entries: told, ...(next === "" ? {} : { next }) })}\n`);
      return EXIT.done;
    }
    if (keys.length > 0) await terminal.write(`${keys.join("\n")}\n`);
    else terminal.say("No entries");
    if (next !== "") terminal.say(`Next: the same with --after=${next}`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
