import { type ConfigChangeMessage, ConfigService } from "@orrery/platform/services";
import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked, readCount } from "../spaces/space-place.ts";
import { table } from "../table.ts";
import { type ConfigPlaceWish, changeJson, changeRows, readConfigPlace } from "./config-words.ts";

interface Wish extends ConfigPlaceWish {
  readonly path: string;
  readonly most: number;
}

/** `orrery config history` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const [path = ""] = input.words;
    return { ...readConfigPlace(input, terminal), path, most: readCount(input, "limit") ?? 20 };
  },
  act: async ({ most, ...wish }, { server, terminal, isJson }) => {
    const { timeoutMs } = server;
    const found: ConfigChangeMessage[] = [];
    for (let before = 0n; found.length < most; ) {
      const request = { ...wish, before, limit: Math.min(most - found.length, 100) };
      const page = await asked(server, () => server.node.client(ConfigService).history(request, { timeoutMs }));
      found.push(...page.changes);
      before = page.next;
      if (before === 0n) break;
    }
    if (isJson) await terminal.write(`${JSON.stringify({ changes: found.map(changeJson) })}\n`);
    else if (found.length === 0) terminal.say("No changes are kept");
    else
      await terminal.write(
        `${table([["VERSION", "AT", "BY", "PATH", "VALUE"], ...found.flatMap(changeRows)]).join("\n")}\n`,
      );
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
