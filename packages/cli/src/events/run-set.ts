import { EXIT } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { askEvents, countOf, type TopicWish, topicOf } from "./event-words.ts";

interface Wish extends TopicWish {
  readonly keepMs?: bigint;
  readonly keepBytes?: bigint;
}

/** `orrery events set` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const keep = input.text("keep");
    return {
      ...topicOf(input, terminal),
      ...(keep !== undefined && { keepMs: BigInt(parseTime(keep, "keep")) }),
      ...(input.text("keep-bytes") !== undefined && { keepBytes: BigInt(countOf(input, "keep-bytes", "")) }),
    };
  },
  act: async (wish, context) => {
    const { topic } = await askEvents(context, (client, options) => client.setTopic(wish, options));
    const [keepMs, keepBytes] = [Number(topic?.keepMs ?? 0n), Number(topic?.keepBytes ?? 0n)];
    const text = `${wish.topic} keeps events for ${keepMs / 1_000} s, and ${keepBytes} bytes\n`;
    await context.terminal.write(context.isJson ? `${JSON.stringify({ keepMs, keepBytes })}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
