import { ConfigService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";
import { type ConfigPlaceWish, jsonOf, readConfigPlace, valueText } from "./config-words.ts";

interface Wish extends ConfigPlaceWish {
  readonly path: string;
  readonly secrets: boolean;
}

/** `orrery config get` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [path = ""] = input.words;
    return { ...readConfigPlace(input, terminal), path, secrets: input.has("secrets") };
  },
  act: async (wish, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const got = await asked(server, () => server.node.client(ConfigService).get(wish, { timeoutMs }));
    const value = jsonOf(got.value);
    const { secretPaths } = got;
    const text = isJson ? JSON.stringify({ value, version: Number(got.version), secretPaths }) : valueText(value);
    await terminal.write(`${text}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
