import { isOrreryError } from "@orrery/core";
import { type EventMessage, EventsService } from "@orrery/platform/services";
import type { ResourceContext } from "../resources/resource-command.ts";
import type { TopicWish } from "./event-words.ts";

/** Reads the first thousand dead letters; none where there was never one. */
export async function readDead(wish: TopicWish, { server }: ResourceContext): Promise<readonly EventMessage[]> {
  try {
    const request = { ...wish, limit: 1_000 };
    return (await server.node.client(EventsService).read(request, { timeoutMs: server.timeoutMs })).events;
  } catch (error) {
    if (isOrreryError(error) && error.code === "not_found" && error.message.startsWith("Cannot read topic")) return [];
    throw server.explain(error);
  }
}
