import type { Entry, LogName, NewEntry } from "./event-store.ts";
import type { EventOrigin, PlatformEvent } from "./events.ts";

/** What is known of an event beside its bytes; short, for it is written with each. */
interface Note {
  readonly k?: string;
  readonly g: string;
  readonly a?: Readonly<Record<string, string>>;
  readonly t: string;
  readonly i?: string;
  readonly f?: string;
  readonly o?: EventOrigin;
}

/** An event that is to be written under an id of its own. */
export type NewEvent = Omit<PlatformEvent, "topic" | "offset">;

/** Writes an event as an entry. `dedupe` is the id that no other entry of the log has. */
export function entryOf(event: NewEvent, dedupe: string = event.id): NewEntry {
  const { id, key, agent, attributes, contentType, forGroup, origin, at, body } = event;
  const note: Note = {
    ...(key !== "" && { k: key }),
    g: agent,
    ...(Object.keys(attributes).length > 0 && { a: attributes }),
    t: contentType,
    ...(id !== dedupe && { i: id }),
    ...(forGroup !== undefined && { f: forGroup }),
    ...(origin !== undefined && { o: origin }),
  };
  return { id: dedupe, at, note: JSON.stringify(note), body };
}

/** Reads an event from an entry. */
export function eventOf({ topic }: Pick<LogName, "topic">, entry: Entry): PlatformEvent {
  const { k = "", g, a = {}, t, i = entry.id, f, o } = JSON.parse(entry.note) as Note;
  return {
    ...{
      topic,
      offset: entry.offset,
      id: i,
      key: k,
      at: entry.at,
      agent: g,
      attributes: a,
      contentType: t,
      body: entry.body,
    },
    ...(f !== undefined && { forGroup: f }),
    ...(o !== undefined && { origin: o }),
  };
}
