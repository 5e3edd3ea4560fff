import { EXIT, usageError } from "../command-error.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askEvents, messageOf, type TopicWish, topicOf } from "./event-words.ts";

interface Wish extends TopicWish {
  readonly id: string;
  readonly key: string;
  readonly messages: readonly string[];
}

/** `orrery events publish` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const messages = input.words.slice(1);
    const id = input.text("id") ?? "";
    if (id !== "" && messages.length > 1)
      throw usageError(`Cannot publish ${messages.length} events by one --id: publish them one by one`);
    return { ...topicOf(input, terminal), id, key: input.text("key") ?? "", messages };
  },
  act: async ({ space, topic, id, key, messages }, context) => {
    const events = messages.map((text) => ({ id, key, content: { case: "message" as const, value: messageOf(text) } }));
    const { events: published } = await askEvents(context, (client, options) =>
      client.publish({ space, topic, events }, options),
    );
    const facts = published.map((one) => ({ offset: Number(one.offset), id: one.id, duplicate: one.duplicate }));
    const text = facts
      .map(({ offset, duplicate }) => `${duplicate ? "Was there already" : "Published"} at offset ${offset}\n`)
      .join("");
    await context.terminal.write(context.isJson ? `${JSON.stringify(facts)}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
