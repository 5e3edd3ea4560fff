import { BrokerService } from "@orrery/platform/services";
import { EXIT, usageError } from "../command-error.ts";
import { messageOf, type TopicWish, topicOf } from "../events/event-words.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { asked } from "../spaces/space-place.ts";

interface Wish extends TopicWish {
  readonly messages: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** `orrery broker publish` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({
    ...topicOf(input, terminal),
    messages: input.words.slice(1),
    headers: Object.fromEntries(input.texts("header").map(headerOf)),
  }),
  act: async ({ space, topic, messages, headers }, { server, terminal, isJson }) => {
    const broker = server.node.client(BrokerService);
    const { timeoutMs } = server;
    for (const text of messages) {
      const content = { case: "message" as const, value: messageOf(text) };
      await asked(server, () => broker.publish({ space, topic, headers, content }, { timeoutMs }));
    }
    const count = messages.length;
    const text = `Published ${count === 1 ? "a message" : `${count} messages`} to ${topic}\n`;
    await terminal.write(isJson ? `${JSON.stringify({ topic, published: count })}\n` : text);
    return EXIT.done;
  },
};

function headerOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw usageError(`Cannot read flag --header: "${text}" has no value, write NAME=VALUE`);
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
