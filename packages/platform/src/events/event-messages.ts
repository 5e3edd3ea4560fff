import { fromJson, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { OrreryError } from "@orrery/core";
import type {
  DeliverySchema,
  EventSchema,
  GroupSchema,
  GroupSettings as GroupSettingsMessage,
  NewEvent as NewEventMessage,
  Position as PositionMessage,
  TopicSchema,
} from "../gen/orrery/events/v1/events_pb.ts";
import type { EventDelivery, GroupView, PlatformEvent, Position, PublishEvent, TopicView } from "./events.ts";
import type { GroupSettings } from "./group-state.ts";

const JSON_TYPE = "application/json";

/** Reads an event that is to be published. */
export function publishEventOf({ id, key, attributes, content, contentType }: NewEventMessage): PublishEvent {
  const said =
    content.case === "message"
      ? { body: new TextEncoder().encode(JSON.stringify(toJson(ValueSchema, content.value))), contentType: JSON_TYPE }
      : { body: content.value ?? new Uint8Array(), ...(contentType !== "" && { contentType }) };
  return { ...(id !== "" && { id }), key, attributes, ...said };
}

/** Writes an event as a message. */
export function eventMessage(event: PlatformEvent): MessageInitShape<typeof EventSchema> {
  const { topic: _, offset, at, body, origin, forGroup: __, ...rest } = event;
  return {
    ...rest,
    offset: BigInt(offset),
    atMs: BigInt(at),
    content: contentOf(event),
    ...(origin !== undefined && { origin: { ...origin, offset: BigInt(origin.offset), atMs: BigInt(origin.at) } }),
  };
}

/** What is said to be JSON is that, as long as it is. */
function contentOf({ contentType, body }: PlatformEvent): NonNullable<MessageInitShape<typeof EventSchema>["content"]> {
  if (contentType === JSON_TYPE)
    try {
      const json = JSON.parse(new TextDecoder().decode(body)) as JsonValue;
      return { case: "message", value: fromJson(ValueSchema, json) };
    } catch {
      // Then it is bytes.
    }
  return { case: "body", value: body };
}

/** Writes an event in somebody's hands as a message. */
export function deliveryMessage({
  event,
  receipt,
  attempt,
  until,
}: EventDelivery): MessageInitShape<typeof DeliverySchema> {
  return { event: eventMessage(event), receipt, attempt, untilMs: BigInt(until) };
}

/** Reads a place in a topic; nothing where none is said. @throws OrreryError `invalid_argument` where it is an empty one */
export function positionOf(message: PositionMessage | undefined): Position | undefined {
  if (message === undefined) return undefined;
  const { at } = message;
  switch (at.case) {
    case "earliest":
    case "latest":
      return { kind: at.case };
    case "offset":
      return { kind: "offset", offset: Number(at.value) };
    case "timeMs":
      return { kind: "time", at: Number(at.value) };
    case undefined:
      throw new OrreryError(
        "invalid_argument",
        "Cannot read the place in a topic: it says nothing, set one of earliest, latest, offset and timeMs",
      );
  }
}

/** Reads what a group is told. */
export function settingsOf(message: GroupSettingsMessage | undefined): Partial<GroupSettings> {
  const { attemptsMax, visibilityMs } = message ?? {};
  return { ...(attemptsMax !== undefined && { attemptsMax }), ...(visibilityMs !== undefined && { visibilityMs }) };
}

/** Writes a topic as a message. */
export function topicMessage(view: TopicView): MessageInitShape<typeof TopicSchema> {
  const { topic, first, next, events, bytes, keepMs, keepBytes } = view;
  return {
    topic,
    ...{ first: BigInt(first), next: BigInt(next), events: BigInt(events), bytes: BigInt(bytes) },
    ...{ keepMs: BigInt(keepMs), keepBytes: BigInt(keepBytes) },
  };
}

/** Writes a group as a message. */
export function groupMessage(view: GroupView): MessageInitShape<typeof GroupSchema> {
  const { attemptsMax, visibilityMs, offset, behind, dead, ...rest } = view;
  return {
    ...rest,
    settings: { attemptsMax, visibilityMs },
    ...{ offset: BigInt(offset), behind: BigInt(behind), dead: BigInt(dead) },
  };
}
