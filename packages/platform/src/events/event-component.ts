import { type Component, defineComponent, type Handlers, type InstanceHandle, OrreryError } from "@orrery/core";
import { withPauses } from "@orrery/registry";
import { EventsService } from "../gen/orrery/events/v1/events_pb.ts";
import type { Spaces } from "../spaces/spaces.ts";
import {
  deliveryMessage,
  eventMessage,
  groupMessage,
  positionOf,
  publishEventOf,
  settingsOf,
  topicMessage,
} from "./event-messages.ts";
import { parseTopic } from "./event-names.ts";
import type { Events } from "./events.ts";
import type { Settled } from "./group-state.ts";
import { EVENT_INSTANCES } from "./limits.ts";

/** What an events component serves. */
export interface EventComponentOptions {
  /** What is served; nobody closes it but you. Or what opens it, by the component's own clock and chance. */
  readonly events: Events | OpenEvents;
  /** Says which Space is meant, and whether the caller may. */
  readonly spaces: Spaces;
}

/** Opens events for the component that serves them. */
export type OpenEvents = (parts: Pick<InstanceHandle, "clock" | "random" | "log">) => Promise<Events>;

/** What every request about a topic says. */
interface TopicRequest {
  readonly space: string;
  readonly topic: string;
}

/**
 * Makes the component by which a network publishes and takes events: `orrery.events.v1.EventsService`. Whoever may `execute` a topic publishes
 * to it, whoever may `read` it takes from it, whoever may `write` it changes it.
 */
export function createEventComponent({ events: source, spaces }: EventComponentOptions): Component {
  let opening: Promise<Events> | undefined;
  let opened: Events | undefined;
  const ground: Ground = {
    get events() {
      if (opened === undefined)
        throw new OrreryError("unavailable", "Cannot use events: they are not open yet, try again");
      return opened;
    },
    enter: async ({ space, topic }, verb, { agent }) => {
      const { id } = await spaces.enter({ space, service: "events", part: [parseTopic(topic).topic], verb }, { agent });
      return { space: id, topic };
    },
    enterAll: async (space, { agent }) =>
      (await spaces.enter({ space, service: "events", verb: "read" }, { agent })).id,
  };
  return defineComponent(
    EventsService,
    (instance) => {
      const { clock } = instance;
      instance.onStart(async () => {
        opening ??= typeof source === "function" ? source(instance) : Promise.resolve(source);
        opened = await opening;
      });
      return {
        ...taking(ground),
        ...looking(ground),
        ...managing(ground),
        async *consume(request, { agent, signal }) {
          const { name, check, options } = await takeOf(request, { agent, ground });
          const { inHand } = request;
          const items = ground.events.consume(name, { ...options, check, signal, ...(inHand !== 0 && { inHand }) });
          for await (const item of withPauses(items, clock))
            yield item === undefined ? {} : { delivery: deliveryMessage(item) };
        },
        async *follow(request, { agent, signal }) {
          const { log, check } = await checked(request, { agent, ground });
          const from = positionOf(request.from);
          const items = ground.events.follow(log, { signal, check, ...(from !== undefined && { from }) });
          for await (const item of withPauses(items, clock))
            yield item === undefined ? {} : { event: eventMessage(item) };
        },
      };
    },
    { instances: EVENT_INSTANCES, streams: "beside" },
  );
}

interface Ground {
  readonly events: Events;
  /** Finds the topic that a request is about, where its caller may. */
  enter(request: TopicRequest, verb: "execute" | "read" | "write", by: By): Promise<{ space: number; topic: string }>;
  /** Finds the Space of a request about all topics. */
  enterAll(space: string, by: By): Promise<number>;
}

interface By {
  readonly agent: string;
}

type EventHandlers = Handlers<typeof EventsService>;

/** Publishing, and what a group does with single events. */
function taking(ground: Ground): Pick<EventHandlers, "publish" | "fetch" | "ack" | "nack" | "extend" | "republish"> {
  const { enter } = ground;
  return {
    publish: async (request, { agent }) => {
      const log = await enter(request, "execute", { agent });
      const published = await ground.events.publish(log, request.events.map(publishEventOf), { agent });
      return {
        events: published.map(({ id, offset, isNew }) => ({ id, offset: BigInt(offset), duplicate: !isNew })),
      };
    },
    fetch: async (request, { agent, signal }) => {
      const { name, check, options } = await takeOf(request, { agent, ground });
      const { max, waitMs } = request;
      const taken = await ground.events.fetch(name, { ...options, check, signal, waitMs, ...(max !== 0 && { max }) });
      return { deliveries: taken.map(deliveryMessage) };
    },
    ack: async ({ receipts, group, ...request }, { agent }) => {
      const log = await enter(request, "read", { agent });
      return { late: lateOf(receipts, await ground.events.ack({ ...log, group }, receipts)) };
    },
    nack: async ({ receipts, group, delayMs, why, ...request }, { agent }) => {
      const log = await enter(request, "read", { agent });
      return { late: lateOf(receipts, await ground.events.nack({ ...log, group }, receipts, { delayMs, why })) };
    },
    extend: async ({ receipts, group, visibilityMs, ...request }, { agent }) => {
      const log = await enter(request, "read", { agent });
      return { late: lateOf(receipts, await ground.events.extend({ ...log, group }, receipts, visibilityMs)) };
    },
    republish: async (request, { agent }) => {
      const log = await enter(request, "write", { agent });
      const published = await ground.events.republish(log, request.offsets.map(Number));
      return { offsets: published.map(({ offset }) => BigInt(offset)) };
    },
  };
}

function looking(ground: Ground): Pick<EventHandlers, "read" | "listTopics" | "listGroups"> {
  const { enter, enterAll } = ground;
  return {
    read: async (request, { agent }) => {
      const log = await enter(request, "read", { agent });
      const { limit } = request;
      const from = positionOf(request.from) ?? { kind: "earliest" };
      const page = await ground.events.read(log, { from, ...(limit !== 0 && { limit }) });
      return { events: page.events.map(eventMessage), next: BigInt(page.next) };
    },
    listTopics: async ({ space }, { agent }) => {
      return { topics: (await ground.events.topics(await enterAll(space, { agent }))).map(topicMessage) };
    },
    listGroups: async (request, { agent }) => {
      return { groups: (await ground.events.groups(await enter(request, "read", { agent }))).map(groupMessage) };
    },
  };
}

function managing(ground: Ground): Pick<EventHandlers, "setTopic" | "removeTopic" | "setGroup" | "removeGroup"> {
  const { enter } = ground;
  return {
    setTopic: async ({ keepMs, keepBytes, ...request }, { agent }) => {
      const log = await enter(request, "write", { agent });
      const settings = {
        ...(keepMs !== undefined && { keepMs: Number(keepMs) }),
        ...(keepBytes !== undefined && { keepBytes: Number(keepBytes) }),
      };
      return { topic: topicMessage(await ground.events.setTopic(log, settings)) };
    },
    removeTopic: async (request, { agent }) => {
      await ground.events.removeTopic(await enter(request, "write", { agent }));
      return {};
    },
    setGroup: async ({ group, settings, to, ...request }, { agent }) => {
      const log = await enter(request, "write", { agent });
      const at = positionOf(to);
      await ground.events.setGroup(
        { ...log, group },
        { settings: settingsOf(settings), ...(at !== undefined && { to: at }) },
      );
      return {};
    },
    removeGroup: async ({ group, ...request }, { agent }) => {
      await ground.events.removeGroup({ ...(await enter(request, "write", { agent })), group });
      return {};
    },
  };
}

/** Finds a topic to read, and makes what looks whether that still may be. */
async function checked(request: TopicRequest, { agent, ground }: { readonly agent: string; readonly ground: Ground }) {
  const log = await ground.enter(request, "read", { agent });
  const check = async () => {
    const { space } = await ground.enter(request, "read", { agent });
    if (space === log.space) return;
    throw new OrreryError("not_found", `Cannot go on with "${request.topic}": its space was removed`);
  };
  return { log, check };
}

/** Reads what those who take events for a group say alike. */
async function takeOf(
  request: TopicRequest & {
    readonly group: string;
    readonly consumer: string;
    readonly from?: Parameters<typeof positionOf>[0];
    readonly settings?: Parameters<typeof settingsOf>[0];
  },
  by: { readonly agent: string; readonly ground: Ground },
) {
  const { log, check } = await checked(request, by);
  const { group, consumer } = request;
  const from = positionOf(request.from);
  const options = {
    settings: settingsOf(request.settings),
    ...(from !== undefined && { from }),
    ...(consumer !== "" && { consumer }),
  };
  return { name: { ...log, group }, check, options };
}

function lateOf(receipts: readonly string[], outcomes: readonly Settled[]): string[] {
  return receipts.filter((_, index) => outcomes[index] === "late");
}
