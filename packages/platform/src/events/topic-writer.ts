import { OrreryError } from "@orrery/core";
import type { Appended, EventStore, LogName, NewEntry } from "./event-store.ts";
import { EVENTS_AT_ONCE_MAX, EVENTS_BYTES_AT_ONCE_MAX, EVENTS_WAITING_MAX, KEEP_BYTES_MIN } from "./limits.ts";
import type { Topics } from "./topics.ts";

/** Writes to one topic: what comes while others are written is written together, in the order in which it came. */
export interface TopicWriter {
  append(entries: readonly NewEntry[]): Promise<readonly Appended[]>;
  /** Whether nothing waits. */
  readonly isIdle: boolean;
}

/** What a writer needs. */
export interface TopicWriterOptions {
  readonly store: EventStore;
  readonly topics: Topics;
  /** Told when something was written. */
  readonly onAppend: () => void;
}

interface Waiting {
  readonly entries: readonly NewEntry[];
  readonly done: (appended: readonly Appended[]) => void;
  readonly failed: (error: unknown) => void;
}

/** Makes the writer of a topic. */
export function createTopicWriter(log: LogName, { store, topics, onAppend }: TopicWriterOptions): TopicWriter {
  const waiting: Waiting[] = [];
  let isWriting = false;
  let bytesSinceTrim = 0;
  const write = async (batch: readonly Waiting[]) => {
    const entries = batch.flatMap((one) => one.entries);
    const { keepBytes } = await topics.ensure(log);
    const appended = await store.logs.append(log, entries);
    onAppend();
    let at = 0;
    for (const one of batch) {
      one.done(appended.slice(at, at + one.entries.length));
      at += one.entries.length;
    }
    bytesSinceTrim += bytesOf(entries);
    if (bytesSinceTrim < Math.max(KEEP_BYTES_MIN, keepBytes / 8)) return;
    bytesSinceTrim = 0;
    await store.logs.trim(log, { bytesMax: keepBytes }).catch(() => {}); // The next sweep does it.
  };
  const run = async () => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, fitting(waiting));
      await write(batch).catch((error: unknown) => {
        for (const one of batch) one.failed(error);
      });
    }
    isWriting = false;
  };
  return {
    append: (entries) =>
      new Promise((done, failed) => {
        if (waiting.length >= EVENTS_WAITING_MAX)
          return failed(
            new OrreryError(
              "resource_exhausted",
              `Cannot publish to "${log.topic}": ${waiting.length} others wait to do so, try again later`,
            ),
          );
        waiting.push({ entries, done, failed });
        if (!isWriting) void run();
      }),
    get isIdle() {
      return !isWriting && waiting.length === 0;
    },
  };
}

/** How many of the first fit in one write; at least one. */
function fitting(waiting: readonly Waiting[]): number {
  let [count, bytes] = [0, 0];
  const over = waiting.findIndex(({ entries }, index) => {
    count += entries.length;
    bytes += bytesOf(entries);
    return index > 0 && (count > EVENTS_AT_ONCE_MAX || bytes > EVENTS_BYTES_AT_ONCE_MAX);
  });
  return over === -1 ? waiting.length : over;
}

function bytesOf(entries: readonly NewEntry[]): number {
  return entries.reduce((sum, { body, note }) => sum + body.length + note.length, 0);
}
