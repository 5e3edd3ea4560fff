import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type BrokerMessageSent, BrokerService } from "@orrery/platform/services";
import { countOf, type TopicWish, topicOf } from "../events/event-words.ts";
import { WATCH_SILENT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { untilInterrupted } from "../resources/until-interrupted.ts";

interface Wish extends TopicWish {
  readonly queue: string;
  readonly count: number;
}

/** `orrery broker subscribe` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => ({
    ...topicOf(input, terminal),
    queue: input.text("queue") ?? "",
    count: countOf(input, "count", "0"),
  }),
  act: ({ count, ...topic }, { server, terminal }) => {
    let left = count === 0 ? Number.POSITIVE_INFINITY : count;
    let hasBegun = false;
    return untilInterrupted({ server, terminal }, async (signal) => {
      const options = { signal, idleMs: WATCH_SILENT_MS };
      for await (const { message, missed } of server.node.client(BrokerService).subscribe(topic, options)) {
        if (!hasBegun) terminal.say(`Subscribed to ${topic.topic}${topic.queue === "" ? "" : ` in ${topic.queue}`}`);
        hasBegun = true;
        if (missed > 0) terminal.say(`Missed ${missed} messages, which came too fast`);
        if (message === undefined) continue;
        if (!(await terminal.write(`${JSON.stringify(messageJson(message))}\n`))) break;
        left--;
        if (left === 0) break;
      }
    });
  },
};

function messageJson({ topic, headers, content, agent, atMs }: BrokerMessageSent) {
  return {
    ...{ topic, at: Number(atMs), agent },
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(content.case === "message" && { message: toJson(ValueSchema, content.value) }),
    ...(content.case === "body" && { body: Buffer.from(content.value).toString("base64") }),
  };
}

/** What is done when it is typed alone. */
export const run = handlerOf(command);
