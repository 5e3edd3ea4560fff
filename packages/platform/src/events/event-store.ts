/** A topic of a space, as a store names it. */
export interface LogName {
  /** Whose it is: the revision that made the Space, so that one that is made again has nothing of the one before. */
  readonly space: number;
  readonly topic: string;
}

/** What is written into a log. */
export interface NewEntry {
  /** A second one with the same id, within an hour at least, is the first. */
  readonly id: string;
  /** In ms since 1970. */
  readonly at: number;
  /** What is known of the event, as text; a store reads nothing of it. */
  readonly note: string;
  readonly body: Uint8Array;
}

/** What a log has. */
export interface Entry extends NewEntry {
  /** Rises with each entry of its log; there may be gaps. */
  readonly offset: number;
}

/** Where an entry came to be. */
export interface Appended {
  readonly offset: number;
  /** Whether it was written now. */
  readonly isNew: boolean;
}

/** How a log stands. One that was never written is like one that is empty. */
export interface LogHead {
  /** The oldest entry that is kept; `next` where none is. */
  readonly first: number;
  /** What the next entry's offset will be, at least. From 1. */
  readonly next: number;
  readonly entries: number;
  /** Of all entries, as the store counts them. */
  readonly bytes: number;
}

/** What of a log is no longer kept. All that is named goes. */
export interface Trim {
  /** Those before this offset. */
  readonly before?: number;
  /** These. */
  readonly offsets?: readonly number[];
  /** The oldest, until no more than so many bytes are left. */
  readonly bytesMax?: number;
}

/** A log, or one who reads it: group `""` is the log itself. */
export interface RecordName extends LogName {
  readonly group: string;
}

/** A text that is kept, and which writing of it this is; never the same again, also when it is removed and made anew. */
export interface Version {
  readonly value: string;
  readonly version: number;
}

/** Logs: entries in order, which stay until they are trimmed. */
export interface EventLogs {
  /**
   * Writes entries behind all others, in their order; what is answered outlives the store's process. Where it fails, some may be written, those
   * in front: to write all of them again is harmless.
   */
  append(log: LogName, entries: readonly NewEntry[]): Promise<readonly Appended[]>;
  /** Entries from an offset on, without gaps in what is kept: up to `limit`, or `EVENTS_BYTES_AT_ONCE_MAX`, and at least one. */
  read(log: LogName, page: { readonly from: number; readonly limit: number }): Promise<readonly Entry[]>;
  /** Those of these that are kept, in order. */
  pick(log: LogName, offsets: readonly number[]): Promise<readonly Entry[]>;
  head(log: LogName): Promise<LogHead>;
  /** The first offset that was written at a time or after it. */
  find(log: LogName, at: number): Promise<number>;
  trim(log: LogName, what: Trim): Promise<void>;
}

/** Texts by name, each written by whoever knows what it was. */
export interface EventRecords {
  get(name: RecordName): Promise<Version | undefined>;
  /** All of one space, in any order. */
  list(space: number): Promise<readonly (RecordName & Version)[]>;
  /** Writes one that stands at a version, 0 where it must not be there; gives its version, nothing where it stands elsewhere. */
  put(name: RecordName, next: { readonly value: string; readonly expected: number }): Promise<number | undefined>;
  /** Harmless where it is not there. */
  remove(name: RecordName): Promise<void>;
}

/**
 * Where events are kept. An engine has few words: entries in order, and texts that change by comparing. What groups, repeats and dead letters are is
 * the same over all of them.
 */
export interface EventStore extends AsyncDisposable {
  readonly logs: EventLogs;
  readonly records: EventRecords;
  /** Whether others may write to it, too. */
  readonly isShared: boolean;
  /** Every space that has a record. */
  spaces(): Promise<readonly number[]>;
  /** Removes all that a space has, or a topic with its groups. Harmless where nothing is there. */
  drop(space: number, topic?: string): Promise<void>;
  /** Calls back when somebody wrote to a log, without saying when it may have missed something; gives what stops it. */
  listen?(wake: (log?: LogName) => void): Promise<() => Promise<void>>;
}
