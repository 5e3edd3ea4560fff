import { fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import type { Client, SendOptions } from "@orrery/core";
import { type EventMessage, EventsService } from "@orrery/platform/services";
import type { CommandInput } from "../command.ts";
import { usageError } from "../command-error.ts";
import type { Server } from "../resources/server.ts";
import { readSpace } from "../spaces/space-place.ts";
import type { Terminal } from "../terminal.ts";

/** A topic that a command is about. */
export interface TopicWish {
  readonly space: string;
  readonly topic: string;
}

/** A group that a command is about. */
export interface GroupWish extends TopicWish {
  readonly group: string;
}

/** Reads `TOPIC`. */
export function topicOf(input: CommandInput, terminal: Terminal): TopicWish {
  return { space: readSpace(input, terminal), topic: input.words[0] ?? "" };
}

/** Reads `TOPIC GROUP`. */
export function groupOf(input: CommandInput, terminal: Terminal): GroupWish {
  return { ...topicOf(input, terminal), group: input.words[1] ?? "" };
}

/** The topic of a group's dead letters. */
export function deadOf({ space, topic, group }: GroupWish): TopicWish {
  return { space, topic: `${topic}/dead/${group}` };
}

/** Reads the place that --from says. @throws CommandError where it says none */
export function fromOf(input: CommandInput, usual: string) {
  const text = input.text("from") ?? usual;
  if (text === "earliest" || text === "latest") return { at: { case: text, value: true } } as const;
  if (/^\d{1,15}$/.test(text)) return { at: { case: "offset", value: BigInt(text) } } as const;
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time))
    return { at: { case: "timeMs", value: BigInt(time) } } as const;
  throw usageError(
    `Cannot read flag --from: "${text}" is no place, write earliest, latest, an offset, or a time such as 2026-01-31T12:00:00Z`,
  );
}

/** Reads a number of events. @throws CommandError where it is none */
export function countOf(input: CommandInput, flag: string, usual: string): number {
  const text = input.text(flag) ?? usual;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`Cannot read flag --${flag}: "${text}" is no number, write a whole one`);
}

/** What reads as JSON is that, and all else is text. */
export function messageOf(text: string) {
  return fromJson(ValueSchema, parsed(text));
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** An event as it is printed. */
export function eventJson(event: EventMessage) {
  const { offset, id, key, attributes, content, contentType, agent, atMs, origin } = event;
  return {
    offset: Number(offset),
    id,
    ...(key !== "" && { key }),
    at: Number(atMs),
    agent,
    ...(Object.keys(attributes).length > 0 && { attributes }),
    ...(content.case === "message" && { message: toJson(ValueSchema, content.value) }),
    ...(content.case === "body" && { contentType, body: Buffer.from(content.value).toString("base64") }),
    ...(origin && { attempts: origin.attempts, why: origin.why }),
  };
}

/** Asks a server about events; what it refuses says where and as whom. */
export async function askEvents<T>(
  { server }: { readonly server: Server },
  question: (events: Client<typeof EventsService>, options: SendOptions) => Promise<T>,
): Promise<T> {
  try {
    return await question(server.node.client(EventsService), { timeoutMs: server.timeoutMs });
  } catch (error) {
    throw server.explain(error);
  }
}
