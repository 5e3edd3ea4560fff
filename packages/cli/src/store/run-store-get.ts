import { StoreService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";
import { readTable, type StorePlaceWish } from "./store-words.ts";

type Wish = StorePlaceWish & { readonly key: string };

/** `orrery store get` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({ ...readTable(input, terminal), key: input.words[0] ?? "" }),
  act: async (wish, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const { entry } = await asked(server, () => server.node.client(StoreService).get(wish, { timeoutMs }));
    const value = Buffer.from(entry?.value ?? []);
    if (!isJson) {
      await terminal.writeBytes(value);
      if (terminal.isScreen) await terminal.write("\n");
      return EXIT.done;
    }
    const text = value.toString("utf8");
    const isText = Buffer.from(text).equals(value);
    const { key = "", version = 0n, expiresMs = 0n } = entry ?? {};
    const expires = expiresMs === 0n ? {} : { expires: Number(expiresMs) };
    const told = {
      key,
      version: Number(version),
      ...expires,
      value: value.toString("base64"),
      ...(isText && { text }),
    };
    await terminal.write(`${JSON.stringify(told)}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
