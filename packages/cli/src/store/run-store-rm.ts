import { StoreService } from "@orrery/platform/services";
import { CommandError, EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";
import { readTable, readVersion, type StorePlaceWish } from "./store-words.ts";

type Wish = StorePlaceWish & { readonly key: string; readonly ifVersion?: bigint };

/** `orrery store rm` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({ ...readTable(input, terminal), key: input.words[0] ?? "", ...readVersion(input) }),
  act: async (wish, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const { removed } = await asked(server, () => server.node.client(StoreService).remove(wish, { timeoutMs }));
    if (!removed)
      throw new CommandError(`Cannot remove "${wish.key}": there is no such entry in ${wish.database}/${wish.table}`, {
        exit: EXIT.notFound,
        tip: "orrery store ls",
      });
    await terminal.write(isJson ? `${JSON.stringify({ removed })}\n` : `Removed "${wish.key}"\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
