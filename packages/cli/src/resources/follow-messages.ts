import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { StreamOptions } from "@orrery/core";
import { BroadcastService, RegistryService, type SentMessage } from "@orrery/registry/service";
import { type Following, isLost, untilBack, type WatchWish } from "./follow-changes.ts";
import { WATCH_LOOK_MS, WATCH_SILENT_MS } from "./limits.ts";
import type { ResourceContext } from "./resource-command.ts";

/** Whether a watch is one of messages: of what is sent to a broadcast from now on. */
export async function isBroadcast({ address, what, after }: WatchWish, { server }: ResourceContext): Promise<boolean> {
  if (what !== "itself" || after !== undefined) return false;
  const { resources } = await server.ask((registry, options) => registry.list({ selector: address }, options));
  return resources[0]?.kind === "Broadcast";
}

/**
 * Tells what is sent to a broadcast, until it has told enough, or the broadcast is gone. Where its server goes away it waits for it; what was sent
 * meanwhile is lost.
 * @throws CommandError where the server stays away
 */
export async function followMessages(wish: WatchWish, context: Following): Promise<void> {
  const { server, terminal, signal } = context;
  const { address } = wish;
  const options: StreamOptions = { signal, idleMs: WATCH_SILENT_MS };
  let [left, isFirst] = [wish.count, true];
  for (;;) {
    try {
      for await (const item of server.node.client(BroadcastService).follow({ address }, options)) {
        if (isFirst) terminal.say(`Watching the messages of ${address}, Ctrl-C ends it`);
        isFirst = false;
        if (item.missed > 0 && !(await tellMissed(item.missed, wish, context))) return;
        if (item.message === undefined) continue;
        if (!(await tellMessage(item.message, context)) || --left === 0) return;
      }
      if (await isGone(address, context)) return;
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw server.explain(error);
    }
    terminal.say(`${server.address} went away, waiting for it; what is sent meanwhile is lost`);
    await untilBack({ ...wish, tip: "the same, once orrery up runs again" }, context);
    isFirst = true;
  }
}

/** Tells a message; gives false where nobody reads any more. */
function tellMessage(
  { address, method, message: value, agent, atMs }: SentMessage,
  { terminal, isJson }: ResourceContext,
): Promise<boolean> {
  const message = value === undefined ? undefined : toJson(ValueSchema, value);
  const facts = { event: "message", at: Number(atMs), agent, address, method, message };
  if (isJson || !terminal.isScreen) return terminal.write(`${JSON.stringify(facts)}\n`);
  const time = new Date(facts.at).toISOString().slice(11, 19);
  const text = typeof message === "string" ? message : JSON.stringify(message);
  return terminal.write(`${[time, agent, method, text ?? ""].join("  ").trimEnd()}\n`);
}

/** Tells that messages passed by. */
function tellMissed(missed: number, { address }: WatchWish, { terminal, isJson }: ResourceContext): Promise<boolean> {
  if (isJson || !terminal.isScreen) return terminal.write(`${JSON.stringify({ event: "missed", address, missed })}\n`);
  return terminal.write(`${missed} ${missed === 1 ? "message" : "messages"} passed by, read faster\n`);
}

/** Whether a broadcast is there no more; false also where nobody can tell. */
async function isGone(address: string, { server, signal }: Following): Promise<boolean> {
  try {
    const options = { timeoutMs: WATCH_LOOK_MS, signal };
    const { resources } = await server.node.client(RegistryService).list({ selector: address, limit: 1 }, options);
    return resources.length === 0;
  } catch (error) {
    if (signal.aborted || !isLost(error)) throw server.explain(error);
    return false;
  }
}
