import { EXIT } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askEvents, countOf, eventJson, fromOf, type TopicWish, topicOf } from "./event-words.ts";

interface Wish extends TopicWish {
  readonly from: ReturnType<typeof fromOf>;
  readonly limit: number;
}

/** `orrery events read` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({
    ...topicOf(input, terminal),
    from: fromOf(input, "earliest"),
    limit: countOf(input, "limit", "100"),
  }),
  act: async (wish, context) => {
    const { events } = await askEvents(context, (client, options) => client.read(wish, options));
    for (const event of events) await context.terminal.write(`${JSON.stringify(eventJson(event))}\n`);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
