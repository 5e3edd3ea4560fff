import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askEvents, fromOf, type GroupWish, groupOf } from "./event-words.ts";

interface Wish extends GroupWish {
  readonly to: ReturnType<typeof fromOf>;
}

/** `orrery events move` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    if (input.text("from") === undefined) throw usageError("Cannot move a group: say where to, by --from=earliest");
    return { ...groupOf(input, terminal), to: fromOf(input, "") };
  },
  act: async (wish, context) => {
    await askEvents(context, (client, options) => client.setGroup(wish, options));
    const facts = { group: wish.group, moved: true };
    await context.terminal.write(context.isJson ? `${JSON.stringify(facts)}\n` : `Moved ${wish.group}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
