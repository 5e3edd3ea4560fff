import { StoreService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";
import { readTable, readVersion, type StorePlaceWish } from "./store-words.ts";

interface Wish extends StorePlaceWish {
  readonly key: string;
  readonly said: string;
  readonly ttlMs: bigint;
  readonly ifVersion?: bigint;
}

/** `orrery store set` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [key = "", said = ""] = input.words;
    const ttl = input.text("ttl");
    const ttlMs = BigInt(ttl === undefined ? 0 : parseTime(ttl, "ttl"));
    return { ...readTable(input, terminal), key, said, ttlMs, ...readVersion(input) };
  },
  act: async ({ said, ...wish }, { server, terminal, isJson }) => {
    const value = said === "-" ? await terminal.readInput() : new TextEncoder().encode(said);
    const { timeoutMs } = server;
    const request = { ...wish, value };
    const { version } = await asked(server, () => server.node.client(StoreService).set(request, { timeoutMs }));
    if (isJson) await terminal.write(`${JSON.stringify({ version: Number(version) })}\n`);
    else await terminal.write(`Set "${wish.key}" at version ${version}\n`);
    if (!isJson) terminal.say(`Next: orrery store get ${wish.key}`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
