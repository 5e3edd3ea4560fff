import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { table } from "../table.ts";
import { askEvents, type TopicWish, topicOf } from "./event-words.ts";

/** `orrery events groups` */
export const command: ResourceCommand<TopicWish> = {
  read: topicOf,
  act: async (wish, context) => {
    const { groups } = await askEvents(context, (client, options) => client.listGroups(wish, options));
    const facts = groups.map(({ group, behind, out, waiting, dead, offset, settings }) => {
      const { attemptsMax = 0, visibilityMs = 0 } = settings ?? {};
      const stands = { behind: Number(behind), out, waiting, dead: Number(dead) };
      return { group, ...stands, offset: Number(offset), attemptsMax, visibilityMs };
    });
    const rows = facts.map(({ group, behind, out, waiting, dead }) => [
      group,
      ...[behind, out, waiting, dead].map(String),
    ]);
    const text =
      rows.length === 0
        ? `${wish.topic} has no groups\n`
        : `${table([["GROUP", "BEHIND", "OUT", "WAITING", "DEAD"], ...rows]).join("\n")}\n`;
    await context.terminal.write(context.isJson ? `${JSON.stringify(facts)}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
