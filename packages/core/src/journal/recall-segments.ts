import type { JournalFiles } from "./journal-files.ts";
import { type JournalRecord, scanSegment } from "./record.ts";

/** What one file of an earlier life holds. */
export interface SegmentContents {
  readonly name: string;
  readonly bytes: number;
  /** A line for each stretch that cannot be read, although something behind it can. */
  readonly damaged: readonly string[];
}

/** A message that has not ended. */
export interface RecalledRecord {
  readonly record: JournalRecord;
  /** Index of the segment that it stands in. */
  readonly segment: number;
  readonly repeats: number;
  readonly dead: string | undefined;
}

/** What an earlier life left. */
export interface RecalledSegments {
  /** Oldest first. */
  readonly contents: readonly SegmentContents[];
  /** In the order in which they were kept. */
  readonly entries: readonly RecalledRecord[];
  readonly lastId: number;
  readonly lastSegment: number;
}

const NAME = /^segment-(\d+)(\.damaged)?$/;

/** Reads all segments. A last write that a crash cut short is no damage: nobody was told that it was done. */
export async function recallSegments(files: JournalFiles): Promise<RecalledSegments> {
  const found = new Map<number, { -readonly [K in keyof RecalledRecord]: RecalledRecord[K] }>();
  const contents: SegmentContents[] = [];
  let lastId = 0;
  let lastSegment = 0;
  for (const name of [...(await files.list())].sort()) {
    const match = NAME.exec(name);
    if (match === null) continue;
    lastSegment = Math.max(lastSegment, Number(match[1]));
    if (match[2] !== undefined) continue;
    const bytes = (await files.read(name)) ?? new Uint8Array(0);
    const { records, damaged } = scanSegment(bytes);
    const segment = contents.length;
    contents.push({
      name,
      bytes: bytes.length,
      damaged: damaged.map(([from, to]) => `bytes ${from} to ${to} cannot be read`),
    });
    for (const record of records) {
      lastId = Math.max(lastId, record.id);
      const before = found.get(record.id);
      if (record.kind === "entry") {
        // One that was moved stands twice; its marks count on.
        const repeats = Math.max(record.repeats, before?.repeats ?? 0);
        const own = { ...record, body: record.body.slice() };
        found.set(record.id, { record: own, segment, repeats, dead: before?.dead });
      } else if (record.kind === "ended") found.delete(record.id);
      else if (before !== undefined && record.kind === "begun") before.repeats++;
      else if (before !== undefined) before.dead = new TextDecoder().decode(record.body);
    }
  }
  const entries = [...found.values()].sort((a, b) => a.record.id - b.record.id);
  return { contents, entries, lastId, lastSegment };
}
