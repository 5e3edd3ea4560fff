import { OrreryError } from "@orrery/core";
import type { LogName } from "./event-store.ts";
import type { PublishEvent } from "./events.ts";
import {
  EVENT_ATTRIBUTES_BYTES_MAX,
  EVENT_BYTES_MAX,
  EVENT_ID_LENGTH_MAX,
  EVENTS_AT_ONCE_MAX,
  EVENTS_BYTES_AT_ONCE_MAX,
} from "./limits.ts";

/** @throws OrreryError `invalid_argument` where events cannot be published at once, saying which */
export function assertEvents({ topic }: LogName, events: readonly PublishEvent[]): void {
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot publish to "${topic}": ${why}`);
  if (events.length === 0 || events.length > EVENTS_AT_ONCE_MAX)
    throw refuse(`${events.length} events are sent at once, from 1 to ${EVENTS_AT_ONCE_MAX} fit`);
  const bytes = events.reduce((sum, { body }) => sum + body.length, 0);
  if (bytes > EVENTS_BYTES_AT_ONCE_MAX)
    throw refuse(`${bytes} bytes are sent at once, up to ${EVENTS_BYTES_AT_ONCE_MAX} fit, send fewer events`);
  for (const [index, event] of events.entries()) {
    const wrong = wrongWith(event);
    if (wrong !== undefined) throw refuse(`event ${index} ${wrong}`);
  }
}

function wrongWith({ id = "1", key = "", attributes = {}, contentType = "", body }: PublishEvent): string | undefined {
  if (body.length > EVENT_BYTES_MAX)
    return `has ${body.length} bytes, up to ${EVENT_BYTES_MAX} fit, send the address of a file instead`;
  if (id === "" || id.length > EVENT_ID_LENGTH_MAX || id.startsWith("/") || !isPlain(id))
    return `has id "${id.slice(0, EVENT_ID_LENGTH_MAX)}", write up to ${EVENT_ID_LENGTH_MAX} characters that do not begin with "/"`;
  if (key.length > EVENT_ID_LENGTH_MAX || !isPlain(key))
    return `has a key of ${key.length} characters, write up to ${EVENT_ID_LENGTH_MAX}`;
  if (contentType.length > EVENT_ID_LENGTH_MAX || !isPlain(contentType))
    return `has a content type of ${contentType.length} characters, write up to ${EVENT_ID_LENGTH_MAX}`;
  const said = JSON.stringify(attributes);
  const bytes = new TextEncoder().encode(said).length;
  if (bytes > EVENT_ATTRIBUTES_BYTES_MAX)
    return `has attributes of ${bytes} bytes, up to ${EVENT_ATTRIBUTES_BYTES_MAX} fit`;
  return said.includes("\\u0000") ? "has an attribute with a zero character, which no database takes" : undefined;
}

/** Whether a text has no control characters. */
function isPlain(text: string): boolean {
  return !/\p{Cc}|\p{Cs}/u.test(text);
}
