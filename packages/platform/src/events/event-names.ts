import { OrreryError } from "@orrery/core";
import type { LogName } from "./event-store.ts";
import { EVENT_NAME_LENGTH_MAX } from "./limits.ts";

/** As a segment of an address that is a name. */
const NAME = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const DEAD = "/dead/";

/** The topic of the dead letters of a group. */
export function deadTopic(topic: string, group: string): string {
  return `${topic}${DEAD}${group}`;
}

/** Reads the name of a topic: of events, or of dead letters of which group. @throws OrreryError `invalid_argument` where it is none */
export function parseTopic(text: string): { readonly topic: string; readonly deadOf?: string } {
  const [topic = "", group, ...more] = text.split(DEAD);
  if (isName(topic) && more.length === 0 && (group === undefined || isName(group)))
    return group === undefined ? { topic } : { topic, deadOf: group };
  throw new OrreryError(
    "invalid_argument",
    `Cannot use topic "${text}": it is no name, write up to ${EVENT_NAME_LENGTH_MAX} small letters, digits and "-", such as orders, or orders${DEAD}billing for dead letters`,
  );
}

/** @throws OrreryError `invalid_argument` where a group, or what it reads, has no name */
export function assertGroup({ topic, group }: { readonly topic: string; readonly group: string }): void {
  const { deadOf } = parseTopic(topic);
  const failing = `Cannot use group "${group}" of "${topic}"`;
  if (deadOf !== undefined)
    throw new OrreryError(
      "invalid_argument",
      `${failing}: dead letters have no groups, read them, and publish them again`,
    );
  if (!isName(group))
    throw new OrreryError(
      "invalid_argument",
      `${failing}: it is no name, write up to ${EVENT_NAME_LENGTH_MAX} small letters, digits and "-", such as billing`,
    );
}

/** A log as one text. */
export function logKey({ space, topic }: LogName): string {
  return `${space} ${topic}`;
}

function isName(text: string): boolean {
  return text.length <= EVENT_NAME_LENGTH_MAX && NAME.test(text);
}
