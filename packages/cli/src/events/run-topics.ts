import { EXIT } from "../command-error.ts";
import { formatBytes } from "../operate/format.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { readSpace } from "../spaces/space-place.ts";
import { table } from "../table.ts";
import { askEvents } from "./event-words.ts";

/** `orrery events topics` */
export const command: ResourceCommand<{ readonly space: string }> = {
  read: (input, terminal) => ({ space: readSpace(input, terminal) }),
  act: async (wish, context) => {
    const { topics } = await askEvents(context, (client, options) => client.listTopics(wish, options));
    const facts = topics.map(({ topic, events, bytes, keepMs, keepBytes }) => {
      const [count, size, keep, most] = [events, bytes, keepMs, keepBytes].map(Number);
      return { topic, events: count ?? 0, bytes: size ?? 0, keepMs: keep ?? 0, keepBytes: most ?? 0 };
    });
    const rows = facts.map(({ topic, events, bytes, keepMs, keepBytes }) => {
      return [topic, `${events}`, formatBytes(bytes), `${keepMs / 3_600_000} h`, formatBytes(keepBytes)];
    });
    const text =
      rows.length === 0
        ? `${wish.space} has no topics\n`
        : `${table([["TOPIC", "EVENTS", "BYTES", "KEEPS", "UP TO"], ...rows]).join("\n")}\n`;
    await context.terminal.write(context.isJson ? `${JSON.stringify(facts)}\n` : text);
    return EXIT.done;
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
