import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { deadOf, eventJson, type GroupWish, groupOf } from "./event-words.ts";
import { readDead } from "./read-dead.ts";

/** `orrery events dead` */
export const command: ResourceCommand<GroupWish> = {
  read: groupOf,
  act: async (wish, context) => {
    const events = await readDead(deadOf(wish), context);
    for (const event of events) await context.terminal.write(`${JSON.stringify(eventJson(event))}\n`);
    if (events.length === 0 && !context.isJson) context.terminal.say(`${wish.group} has no dead letters`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
