import { EventsService } from "@orrery/platform/services";
import { WATCH_SILENT_MS } from "../resources/limits.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { untilInterrupted } from "../resources/until-interrupted.ts";
import { askEvents, countOf, eventJson, fromOf, type GroupWish, groupOf } from "./event-words.ts";

interface Wish extends GroupWish {
  readonly from: ReturnType<typeof fromOf>;
  readonly count: number;
  readonly isAcked: boolean;
}

/** Events that the command has in hand: what it has not printed when it ends waits for its time. */
const IN_HAND = 16;

/** `orrery events consume` */
export const command: ResourceCommand<Wish> = {
  read: (input, terminal) => {
    const from = fromOf(input, "earliest");
    return { ...groupOf(input, terminal), from, count: countOf(input, "count", "0"), isAcked: !input.has("no-ack") };
  },
  act: ({ from, count, isAcked, ...group }, context) => {
    const { server, terminal } = context;
    const request = { ...group, from, inHand: isAcked && count === 0 ? IN_HAND : 1 };
    let left = count === 0 ? Number.POSITIVE_INFINITY : count;
    return untilInterrupted(context, async (signal) => {
      const wish = isAcked ? request : { ...request, inHand: Math.min(Math.max(count, 1), 256) };
      const options = { signal, idleMs: WATCH_SILENT_MS };
      for await (const { delivery } of server.node.client(EventsService).consume(wish, options)) {
        if (delivery?.event === undefined) continue;
        const { event, receipt, attempt } = delivery;
        const isRead = await terminal.write(`${JSON.stringify({ ...eventJson(event), attempt })}\n`);
        if (!isRead) break;
        const ack = { ...group, receipts: [receipt] };
        if (isAcked) await askEvents(context, (client, limits) => client.ack(ack, limits));
        left--;
        if (left === 0) break;
      }
    });
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
