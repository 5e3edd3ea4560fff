import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { Appended, Entry, EventLogs, EventStore, LogName, NewEntry, Trim } from "./event-store.ts";
import { decodeEntry, encodeEntry } from "./nats-entry.ts";
import { isStreamGone, orNothing } from "./nats-errors.ts";
import { createNatsNames, type NatsNames } from "./nats-names.ts";
import type { NatsLink } from "./system-nats-link.ts";
import { openNatsRecords } from "./system-nats-records.ts";
import { withinBytes } from "./within-bytes.ts";

/** How long an id of an event is known. */
const IDS_KNOWN_MS = 3_600_000;
/** After how long a reader goes that nobody took away. */
const READER_KEPT_MS = 30_000;
/** How long the server may take to give what it said that it has. */
const READ_MS = 10_000;

/** Keeps events in JetStream: a stream for each topic, and one for all records. Nobody closes the link but you. */
export async function openNatsEventStore(link: NatsLink): Promise<EventStore> {
  const names = createNatsNames(link.prefix);
  const records = await openNatsRecords(link, names);
  const known = new Set<string>();
  return {
    logs: natsLogs(link, { names, known }),
    records,
    isShared: true,
    spaces: async () => {
      const spaces = new Set((await records.names(names.allRecords)).map(({ space }) => space));
      for await (const stream of link.manager.streams.names(names.allLogs)) spaces.add(names.parseStream(stream).space);
      return [...spaces];
    },
    drop: async (space, topic) => {
      const found = await records.names(names.recordsOf(space));
      for (const name of found) if (topic === undefined || name.topic === topic) await records.remove(name);
      const subject = topic === undefined ? names.subjects(space) : names.subject({ space, topic });
      for await (const stream of link.manager.streams.names(subject)) {
        await link.manager.streams.delete(stream).catch(orNothing);
        known.delete(stream);
      }
    },
    listen: async (wake) => {
      const subscription = link.connection.subscribe(names.allWakes, {
        callback: (_, { subject }) => wake(names.parseWake(subject)),
      });
      const status = link.connection.status();
      void (async () => {
        for await (const { type } of status) if (type === "reconnect") wake();
      })();
      await link.connection.flush();
      return async () => subscription.unsubscribe();
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

interface NatsLogs {
  readonly names: NatsNames;
  /** Streams that are there. */
  readonly known: Set<string>;
}

function natsLogs(link: NatsLink, { names, known }: NatsLogs): EventLogs {
  const { manager } = link;
  const head = async (log: LogName) => {
    const info = await manager.streams.info(names.stream(log)).catch(orNothing);
    if (info === undefined) return { first: 1, next: 1, entries: 0, bytes: 0 };
    const { last_seq, first_seq, messages, bytes } = info.state;
    const next = last_seq + 1;
    return { first: messages === 0 ? next : first_seq, next, entries: messages, bytes };
  };
  const from = async (log: LogName, seq: number): Promise<Entry | undefined> => {
    const found = await messageOf(link, names.stream(log), { seq, next_by_subj: names.subject(log) });
    return found === undefined ? undefined : decodeEntry(found.seq, found.data);
  };
  return {
    append: async (log, entries) => {
      const write = async () => {
        await ensureStream(link, { names, known }, log);
        return publish(link, names.subject(log), entries);
      };
      const done = await write().catch((error: unknown) => {
        if (!isStreamGone(error)) throw error;
        known.delete(names.stream(log)); // Somebody dropped it; what was written went with it.
        return write();
      });
      link.connection.publish(names.wake(log));
      return done;
    },
    read: (log, page) => readFrom(link, names.stream(log), page),
    pick: async (log, offsets) => {
      const stream = names.stream(log);
      const wanted = [...offsets].sort((one, other) => one - other);
      const found = await Promise.all(wanted.map((seq) => messageOf(link, stream, { seq })));
      return found.flatMap((one) => (one === undefined ? [] : [decodeEntry(one.seq, one.data)]));
    },
    head,
    find: async (log, at) => {
      const { first, next } = await head(log);
      let [low, high] = [first, next];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        const entry = await from(log, middle);
        if (entry === undefined || entry.at >= at) high = middle;
        else low = entry.offset + 1;
      }
      return low;
    },
    trim: (log, what) => trim(link, names.stream(log), what),
  };
}

async function ensureStream(link: NatsLink, { names, known }: NatsLogs, log: LogName): Promise<void> {
  const name = names.stream(log);
  if (known.has(name)) return;
  const found = await link.manager.streams.info(name).catch(orNothing);
  if (found === undefined)
    await link.manager.streams.add({
      name,
      subjects: [names.subject(log)],
      description: `Events of topic ${log.topic} of the space of revision ${log.space}`,
      storage: StorageType.File,
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      duplicate_window: nanos(IDS_KNOWN_MS),
      num_replicas: link.replicas,
      allow_direct: false, // Those who follow the leader may lag, and what they lack would look as if it were trimmed.
    });
  known.add(name);
}

async function publish(link: NatsLink, subject: string, entries: readonly NewEntry[]): Promise<readonly Appended[]> {
  const sent = entries.map((entry) =>
    link.streams.publish(subject, encodeEntry(entry), { msgID: encodeURIComponent(entry.id) }),
  );
  const done = await Promise.allSettled(sent); // None of them is left behind when one fails.
  return done.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return { offset: one.value.seq, isNew: !one.value.duplicate };
  });
}

/** Reads by a consumer that lasts as long as this: it has no gaps but those of the stream. */
async function readFrom(
  { manager, streams }: NatsLink,
  stream: string,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<readonly Entry[]> {
  const info = await manager.consumers
    .add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, from),
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: nanos(READER_KEPT_MS),
      mem_storage: true,
      num_replicas: 1,
    })
    .catch(orNothing);
  if (info === undefined) return [];
  const consumer = streams.consumers.getConsumerFromInfo(info);
  const entries: Entry[] = [];
  const count = Math.min(limit, info.num_pending);
  if (count > 0) {
    const messages = await consumer.fetch({ max_messages: count, expires: READ_MS });
    for await (const { seq, data } of messages) entries.push(decodeEntry(seq, data));
  }
  await manager.consumers.delete(stream, info.name).catch(orNothing);
  return withinBytes(entries);
}

async function trim(link: NatsLink, stream: string, { before, offsets = [], bytesMax }: Trim): Promise<void> {
  const { manager } = link;
  const info = await manager.streams.info(stream).catch(orNothing);
  if (info === undefined) return;
  if (before !== undefined && before > info.state.first_seq)
    await manager.streams.purge(stream, { seq: Math.min(before, info.state.last_seq + 1) });
  for (const seq of offsets)
    if ((await messageOf(link, stream, { seq })) !== undefined)
      await manager.streams.deleteMessage(stream, seq, false).catch(orNothing);
  if (bytesMax !== undefined && info.config.max_bytes !== bytesMax)
    await manager.streams.update(stream, { max_bytes: bytesMax }); // From then on the server sees to it.
}

async function messageOf(
  { manager }: NatsLink,
  stream: string,
  query: { readonly seq: number; readonly next_by_subj?: string },
) {
  const found = await manager.streams.getMessage(stream, query).catch(orNothing);
  return found ?? undefined;
}
