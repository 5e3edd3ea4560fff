import { type Clock, OrreryError } from "@orrery/core";
import { logKey } from "./event-names.ts";
import type { EventStore, LogName } from "./event-store.ts";
import type { TopicSettings, TopicView } from "./events.ts";
import { KEEP_BYTES, KEEP_BYTES_MIN, KEEP_MS, KEEP_MS_MAX, TOPIC_KNOWN_MS, TOPICS_MAX } from "./limits.ts";

/** The topics of all spaces, by their records. */
export interface Topics {
  /** What a topic keeps; makes it where it is missing. @throws OrreryError `resource_exhausted` where a space has too many */
  ensure(log: LogName): Promise<TopicSettings>;
  /** What a topic keeps. @throws OrreryError `not_found` */
  get(log: LogName): Promise<TopicSettings>;
  /** Makes or changes it. @throws OrreryError `invalid_argument`, `resource_exhausted`, `aborted` */
  set(log: LogName, wish: Partial<TopicSettings>): Promise<TopicSettings>;
  list(space: number): Promise<readonly TopicView[]>;
  /** Forgets what it believes of a topic, or of all. */
  forget(log?: LogName): void;
}

const USUAL: TopicSettings = { keepMs: KEEP_MS, keepBytes: KEEP_BYTES };
/** How often a topic is set when others do it at once. */
const TRIES = 16;

/** Makes it over a store. */
export function createTopics(store: EventStore, clock: Clock): Topics {
  const known = new Map<string, { readonly settings: TopicSettings; readonly until: number }>();
  const find = async (log: LogName) => {
    const found = known.get(logKey(log));
    if (found !== undefined && clock.monotonic() < found.until) return found.settings;
    const record = await store.records.get({ ...log, group: "" });
    return record === undefined ? undefined : learn(log, JSON.parse(record.value) as TopicSettings);
  };
  const learn = (log: LogName, settings: TopicSettings) => {
    if (known.size >= TOPICS_MAX * 10) known.clear();
    known.set(logKey(log), { settings, until: clock.monotonic() + TOPIC_KNOWN_MS });
    return settings;
  };
  const set = async (log: LogName, wish: Partial<TopicSettings>) => {
    assertSettings(log, wish);
    for (let tries = 0; tries < TRIES; tries++) {
      const record = await store.records.get({ ...log, group: "" });
      if (record === undefined) await assertRoom(store, log);
      const settings = { ...USUAL, ...(record && (JSON.parse(record.value) as TopicSettings)), ...wish };
      const next = { value: JSON.stringify(settings), expected: record?.version ?? 0 };
      if ((await store.records.put({ ...log, group: "" }, next)) !== undefined) return learn(log, settings);
    }
    throw new OrreryError("aborted", `Cannot set topic "${log.topic}": others set it, too, try again`);
  };
  return {
    ensure: async (log) => (await find(log)) ?? (await set(log, {})),
    get: async (log) => {
      const found = await find(log);
      if (found !== undefined) return found;
      throw new OrreryError(
        "not_found",
        `Cannot read topic "${log.topic}": there is none of this name, look at orrery events topics`,
      );
    },
    set,
    list: async (space) => {
      const names = (await store.records.list(space)).filter(({ group }) => group === "");
      const views = await Promise.all(
        names.map(async ({ topic, value }): Promise<TopicView> => {
          const { first, next, entries: events, bytes } = await store.logs.head({ space, topic });
          return { topic, ...(JSON.parse(value) as TopicSettings), first, next, events, bytes };
        }),
      );
      return views.sort((one, other) => (one.topic < other.topic ? -1 : 1));
    },
    forget: (log) => {
      if (log === undefined) known.clear();
      else known.delete(logKey(log));
    },
  };
}

async function assertRoom(store: EventStore, { space, topic }: LogName): Promise<void> {
  const names = (await store.records.list(space)).filter(({ group }) => group === "");
  if (names.length < TOPICS_MAX) return;
  throw new OrreryError(
    "resource_exhausted",
    `Cannot make topic "${topic}": its space has ${names.length}, which is the limit, remove some`,
  );
}

function assertSettings({ topic }: LogName, { keepMs, keepBytes }: Partial<TopicSettings>): void {
  const refuse = (why: string) => new OrreryError("invalid_argument", `Cannot set topic "${topic}": ${why}`);
  if (keepMs !== undefined && !(Number.isInteger(keepMs) && keepMs >= 1 && keepMs <= KEEP_MS_MAX))
    throw refuse(`it is to keep events for ${keepMs} ms, write from 1 to ${KEEP_MS_MAX}`);
  if (keepBytes !== undefined && !(Number.isSafeInteger(keepBytes) && keepBytes >= KEEP_BYTES_MIN))
    throw refuse(`it is to keep ${keepBytes} bytes, write ${KEEP_BYTES_MIN} or more`);
}
