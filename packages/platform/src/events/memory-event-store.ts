import type { Entry, EventLogs, EventRecords, EventStore, LogName, RecordName, Version } from "./event-store.ts";
import { withinBytes } from "./within-bytes.ts";

interface MemoryLog extends LogName {
  entries: Entry[];
  next: number;
}

/** Makes a store in memory: for tests and the simulator. It outlives whoever uses it, like a database does. */
export function createMemoryEventStore(): EventStore {
  const logs = new Map<string, MemoryLog>();
  const records = new Map<string, RecordName & Version>();
  const listeners = new Set<(log?: LogName) => void>();
  return {
    logs: memoryLogs(logs, (log) => {
      for (const wake of listeners) wake(log);
    }),
    records: memoryRecords(records),
    isShared: true,
    spaces: async () => [...new Set([...records.values(), ...logs.values()].map(({ space }) => space))],
    drop: async (space, topic) => {
      for (const map of [logs, records])
        for (const [key, one] of map)
          if (one.space === space && (topic === undefined || one.topic === topic)) map.delete(key);
    },
    listen: async (wake) => {
      listeners.add(wake);
      return async () => void listeners.delete(wake);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function memoryLogs(logs: Map<string, MemoryLog>, onAppend: (log: LogName) => void): EventLogs {
  const entriesOf = ({ space, topic }: LogName) => logs.get(`${space}\n${topic}`)?.entries ?? [];
  return {
    append: async ({ space, topic }, added) => {
      const key = `${space}\n${topic}`;
      const log = logs.get(key) ?? { space, topic, entries: [], next: 1 };
      logs.set(key, log);
      const done = added.map((entry) => {
        const same = log.entries.find(({ id }) => id === entry.id);
        if (same !== undefined) return { offset: same.offset, isNew: false };
        const at = Math.max(entry.at, log.entries.at(-1)?.at ?? 0);
        log.entries.push({ ...entry, at, body: entry.body.slice(), offset: log.next });
        return { offset: log.next++, isNew: true };
      });
      onAppend({ space, topic });
      return done;
    },
    read: async (log, { from, limit }) =>
      withinBytes(
        entriesOf(log)
          .filter(({ offset }) => offset >= from)
          .slice(0, limit),
      ),
    pick: async (log, offsets) => entriesOf(log).filter(({ offset }) => offsets.includes(offset)),
    head: async ({ space, topic }) => {
      const { entries, next } = logs.get(`${space}\n${topic}`) ?? { entries: [], next: 1 };
      const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
      return { first: entries[0]?.offset ?? next, next, entries: entries.length, bytes };
    },
    find: async ({ space, topic }, at) => {
      const log = logs.get(`${space}\n${topic}`);
      return log?.entries.find((entry) => entry.at >= at)?.offset ?? log?.next ?? 1;
    },
    trim: async ({ space, topic }, { before = 0, offsets = [], bytesMax = Number.POSITIVE_INFINITY }) => {
      const log = logs.get(`${space}\n${topic}`);
      if (log === undefined) return;
      const left = log.entries.filter(({ offset }) => offset >= before && !offsets.includes(offset));
      let bytes = left.reduce((sum, entry) => sum + sizeOf(entry), 0);
      while (bytes > bytesMax) bytes -= sizeOf(left.shift() as Entry);
      log.entries = left;
    },
  };
}

function memoryRecords(records: Map<string, RecordName & Version>): EventRecords {
  let last = 0;
  const keyOf = ({ space, topic, group }: RecordName) => [space, topic, group].join("\n");
  return {
    get: async (name) => {
      const found = records.get(keyOf(name));
      return found === undefined ? undefined : { value: found.value, version: found.version };
    },
    list: async (space) => [...records.values()].filter((one) => one.space === space),
    put: async ({ space, topic, group }, { value, expected }) => {
      const key = keyOf({ space, topic, group });
      if ((records.get(key)?.version ?? 0) !== expected) return undefined;
      last++;
      records.set(key, { space, topic, group, value, version: last });
      return last;
    },
    remove: async (name) => void records.delete(keyOf(name)),
  };
}

function sizeOf({ id, note, body }: Entry): number {
  return body.length + id.length + note.length;
}
