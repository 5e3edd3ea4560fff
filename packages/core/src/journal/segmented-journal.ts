import type { DeadLetter, Journal, JournalLoad, KeptMark, Recalled } from "../journal.ts";
import {
  JOURNAL_BYTES_MAX,
  JOURNAL_ENTRIES_MAX,
  JOURNAL_SEGMENT_BYTES,
  JOURNAL_SEGMENTS_MAX,
  JOURNAL_SPENT_BYTES_MAX,
} from "../limits.ts";
import { isOrreryError, OrreryError } from "../orrery-error.ts";
import { messageOf } from "../thrown-text.ts";
import type { JournalFiles } from "./journal-files.ts";
import { recallSegments, type SegmentContents } from "./recall-segments.ts";
import { encodeRecord, type JournalRecord, recordBytes, scanSegment } from "./record.ts";

/** Options of a journal of segments. */
export interface SegmentedJournalOptions {
  readonly files: JournalFiles;
  /** Messages that it holds at most, dead letters included. Default: 65,536. */
  readonly entriesMax?: number;
  /** Bytes of them. Default: 256 MiB. */
  readonly bytesMax?: number;
  /** Bytes after which a segment is followed by the next. Default: 8 MiB. */
  readonly segmentBytes?: number;
  /** Bytes beyond twice what it holds that its files may take, before what lives is moved out of the oldest. Default: 64 MiB. */
  readonly spentBytesMax?: number;
  /** Called once at its end. */
  readonly onClose?: () => Promise<void> | void;
}

/** A file, and how many messages stand in it that have not ended. */
interface Segment {
  readonly name: string;
  bytes: number;
  live: number;
}

interface Held {
  readonly bytes: number;
  segment: Segment | undefined;
  repeats: number;
  dead: string | undefined;
}

interface Wanted {
  readonly record: Pick<JournalRecord, "kind" | "id"> & Partial<JournalRecord>;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Makes a journal of files that only grow. What is asked for while a write is under way is written together next.
 * @throws nothing; `recall` reads the files.
 */
export function createSegmentedJournal(options: SegmentedJournalOptions): Journal {
  return new SegmentedJournal(options);
}

/**
 * Owns: its files and what they say. Beside those of `Journal`: I4: a mark stands in the same segment as its message or a later one, and
 * segments go from the oldest on, so a message never comes back without its marks. I5: after a write that failed without a word on
 * what is there, nothing is added to the same segment. I6: a life begins with a segment of its own, so a torn end is never written on.
 */
class SegmentedJournal implements Journal {
  readonly #options: Required<Omit<SegmentedJournalOptions, "onClose">> & SegmentedJournalOptions;
  readonly #held = new Map<number, Held>();
  /** Oldest first. */
  #segments: Segment[] = [];
  #current: Segment | undefined;
  #wanted: Wanted[] = [];
  #writing: Promise<void> | undefined;
  #bytes = 0;
  #dead = 0;
  #lastId = 0;
  #lastSegment = 0;
  #closed = false;

  constructor(options: SegmentedJournalOptions) {
    this.#options = {
      entriesMax: JOURNAL_ENTRIES_MAX,
      bytesMax: JOURNAL_BYTES_MAX,
      segmentBytes: JOURNAL_SEGMENT_BYTES,
      spentBytesMax: JOURNAL_SPENT_BYTES_MAX,
      ...options,
    };
  }

  get load(): JournalLoad {
    return { entries: this.#held.size, bytes: this.#bytes, deadLetters: this.#dead };
  }

  async recall(): Promise<Recalled> {
    const { contents, lastId, lastSegment, entries } = await recallSegments(this.#options.files);
    this.#lastId = lastId;
    this.#lastSegment = lastSegment;
    for (const { name, bytes } of contents) this.#segments.push({ name, bytes, live: 0 });
    for (const { record, segment, repeats, dead } of entries) {
      const held: Held = { bytes: recordBytes(record.body.length), segment: this.#segments[segment], repeats, dead };
      this.#hold(record.id, held);
      if (held.segment !== undefined) held.segment.live++;
    }
    const damage = await this.#leaveOld(
      contents,
      entries.map(({ record }) => record),
    );
    const waiting = entries.filter(({ dead }) => dead === undefined);
    return {
      damage,
      entries: waiting.map(({ record, repeats }) => ({ id: record.id, bytes: record.body, repeats })),
    };
  }

  keep(bytes: Uint8Array): Promise<number> {
    const size = recordBytes(bytes.length);
    const lack = this.#lack(size);
    if (lack !== undefined)
      return Promise.reject(new OrreryError("resource_exhausted", `Cannot keep a message: ${lack}`));
    const id = ++this.#lastId;
    this.#hold(id, { bytes: size, segment: undefined, repeats: 0, dead: undefined });
    return this.#want({ kind: "entry", id, body: bytes }).then(
      () => id,
      (error: unknown) => {
        this.#release(id);
        // Should it be there after all, no later life is to find it.
        if (!isNotWritten(error)) void this.#want({ kind: "ended", id }).catch(() => undefined);
        throw error;
      },
    );
  }

  mark(id: number, mark: KeptMark): Promise<void> {
    const held = this.#held.get(id);
    if (held === undefined || this.#closed) return Promise.resolve();
    if (mark === "ended") this.#release(id);
    else if (mark === "begun") held.repeats++;
    else {
      if (held.dead === undefined) this.#dead++;
      held.dead = mark.dead;
      return this.#want(deadRecord(id, mark.dead));
    }
    return this.#want({ kind: mark, id });
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    const found: DeadLetter[] = [];
    const segments = new Set(
      [...this.#held.values()].flatMap(({ dead, segment }) => (dead && segment ? [segment] : [])),
    );
    for (const segment of segments) {
      for (const { id, body } of await this.#entriesOf(segment)) {
        const { dead: why, repeats = 0 } = this.#held.get(id) ?? {};
        if (why !== undefined) found.push({ id, bytes: body.slice(), repeats, why });
      }
    }
    return found.sort((a, b) => a.id - b.id);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#options.onClose?.();
  }

  #lack(size: number): string | undefined {
    const { entriesMax, bytesMax } = this.#options;
    if (this.#closed) return "its journal is closed";
    const dead = this.#dead === 0 ? "" : `, ${this.#dead} of them dead letters`;
    if (this.#held.size >= entriesMax) return `its journal is full with ${this.#held.size} messages${dead}`;
    if (this.#bytes + size <= bytesMax) return undefined;
    return `its journal has ${this.#bytes} of ${bytesMax} bytes${dead}, and it takes ${size}`;
  }

  #hold(id: number, held: Held): void {
    this.#held.set(id, held);
    this.#bytes += held.bytes;
    if (held.dead !== undefined) this.#dead++;
  }

  #release(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    this.#bytes -= held.bytes;
    if (held.dead !== undefined) this.#dead--;
    if (held.segment !== undefined) held.segment.live--;
  }

  #want(record: Wanted["record"]): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#wanted.push({ record, done });
    this.#writing ??= this.#write();
    return done.promise;
  }

  /** Writes what is wanted, and what becomes wanted meanwhile. */
  async #write(): Promise<void> {
    await Promise.resolve(); // What else belongs to this turn goes along.
    while (this.#wanted.length > 0) {
      const batch = this.#wanted;
      this.#wanted = [];
      try {
        await this.#append(batch.map(({ record }) => record));
        for (const { done } of batch) done.resolve();
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
      await this.#tidy().catch(() => undefined); // What cannot be removed now is looked at after the next write.
    }
    this.#writing = undefined;
  }

  /** Adds records to the current segment; messages are safe when it ends. */
  async #append(records: readonly Wanted["record"][]): Promise<void> {
    const { files, segmentBytes } = this.#options;
    const segment = this.#current ?? this.#begin();
    const bytes = encodeAll(records, segment.bytes);
    try {
      await files.append(segment.name, bytes);
    } catch (error) {
      if (isNotWritten(error)) throw error;
      throw this.#lost(error);
    }
    segment.bytes += bytes.length;
    if (records.some(({ kind }) => kind === "entry"))
      await files.sync(segment.name).catch((error: unknown) => Promise.reject(this.#lost(error)));
    for (const { kind, id } of records) if (kind === "entry") this.#move(id, segment);
    if (segment.bytes >= segmentBytes) this.#current = undefined;
  }

  /** After a write of which nobody knows what is there. */
  #lost(cause: unknown): OrreryError {
    this.#current = undefined; // I5
    return new OrreryError("data_loss", `Cannot write a journal: ${messageOf(cause)}`, { cause });
  }

  #begin(): Segment {
    if (this.#segments.length >= JOURNAL_SEGMENTS_MAX) {
      const text = `Cannot write a journal: it has ${this.#segments.length} files that cannot be removed`;
      throw new OrreryError("resource_exhausted", text);
    }
    const name = `segment-${String(++this.#lastSegment).padStart(12, "0")}`;
    const segment: Segment = { name, bytes: 0, live: 0 };
    this.#segments.push(segment);
    this.#current = segment; // I6
    return segment;
  }

  #move(id: number, to: Segment): void {
    const held = this.#held.get(id);
    if (held === undefined) return; // It ended meanwhile.
    if (held.segment !== undefined) held.segment.live--;
    held.segment = to;
    to.live++;
  }

  /** Removes segments that hold nothing any more, and moves what lives out of the oldest when most of what there is has ended. */
  async #tidy(): Promise<void> {
    const { files, spentBytesMax } = this.#options;
    for (;;) {
      const [oldest] = this.#segments; // I4
      if (oldest === undefined || oldest === this.#current) return;
      if (oldest.live > 0) {
        const taken = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
        if (taken <= 2 * this.#bytes + spentBytesMax) return;
        await this.#carry(await this.#entriesOf(oldest));
      }
      await files.remove(oldest.name);
      this.#segments.shift();
    }
  }

  /** Writes messages once more, with what is known of them. */
  async #carry(entries: readonly JournalRecord[]): Promise<void> {
    const records: Wanted["record"][] = [];
    for (const { id, body } of entries) {
      const held = this.#held.get(id);
      if (held === undefined) continue;
      records.push({ kind: "entry", id, body, repeats: held.repeats });
      if (held.dead !== undefined) records.push(deadRecord(id, held.dead));
    }
    if (records.length > 0) await this.#append(records);
  }

  /** The messages of a segment that have not ended. */
  async #entriesOf(segment: Segment): Promise<readonly JournalRecord[]> {
    const bytes = (await this.#options.files.read(segment.name)) ?? new Uint8Array(0);
    return scanSegment(bytes).records.filter(
      ({ kind, id }) => kind === "entry" && this.#held.get(id)?.segment === segment,
    );
  }

  /** Moves what lives into this life's own segments, and takes the old ones away; the damaged ones stay under another name. */
  async #leaveOld(contents: readonly SegmentContents[], entries: readonly JournalRecord[]): Promise<readonly string[]> {
    const { files } = this.#options;
    const damage = contents.flatMap(({ name, damaged }) =>
      damaged.map((what) => `${name}: ${what}, set aside as ${name}.damaged`),
    );
    try {
      await this.#carry(entries);
      for (const { name, damaged } of contents) {
        if (damaged.length > 0) await files.rename(name, `${name}.damaged`);
        else await files.remove(name);
        this.#segments.shift(); // I4
      }
    } catch (error) {
      // Nothing is lost: the old segments are there, and are tidied up later.
      return [...damage, `what an earlier life left stays where it is: ${messageOf(error)}`];
    }
    return damage;
  }
}

function deadRecord(id: number, why: string): Wanted["record"] {
  return { kind: "dead", id, body: new TextEncoder().encode(why) };
}

function encodeAll(records: readonly Wanted["record"][], offset: number): Uint8Array<ArrayBuffer> {
  const size = records.reduce((sum, { body }) => sum + recordBytes(body?.length ?? 0), 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const record of records) {
    const one = encodeRecord(record, offset + at);
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

function isNotWritten(error: unknown): boolean {
  return isOrreryError(error) && error.code === "resource_exhausted";
}
