import { crc32 } from "./crc32.ts";

/** What a segment says. A record is: magic, length, checksum, and so many bytes of kind, number, repeats and body. */
export interface JournalRecord {
  readonly kind: "entry" | "begun" | "ended" | "dead";
  readonly id: number;
  readonly repeats: number;
  /** The message of an entry; the message of a dead letter stands in its entry, and here is why. */
  readonly body: Uint8Array;
}

/** What was read of a segment. */
export interface ScannedSegment {
  readonly records: readonly JournalRecord[];
  /** Offset from which on nothing could be read: bytes that a crash left of a last write. */
  readonly end: number;
  /** Stretches that could not be read although something behind them can. */
  readonly damaged: readonly (readonly [from: number, to: number])[];
}

const KINDS = ["entry", "begun", "ended", "dead"] as const;
/** `OJ01`, little-endian. */
const MAGIC = 0x31304a4f;
const HEAD_BYTES = 12;
const FIXED_BYTES = 13;
const NOTHING = new Uint8Array(0);

/** Bytes that a record takes whose body has so many. */
export function recordBytes(bodyBytes: number): number {
  return HEAD_BYTES + FIXED_BYTES + bodyBytes;
}

/** Writes a record that will stand at an offset of its segment; read at another offset it is taken for damaged. */
export function encodeRecord(
  { kind, id, repeats = 0, body = NOTHING }: Pick<JournalRecord, "kind" | "id"> & Partial<JournalRecord>,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(recordBytes(body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FIXED_BYTES + body.length, true);
  bytes[HEAD_BYTES] = KINDS.indexOf(kind);
  view.setFloat64(HEAD_BYTES + 1, id, true);
  view.setUint32(HEAD_BYTES + 9, repeats, true);
  bytes.set(body, HEAD_BYTES + FIXED_BYTES);
  view.setUint32(8, crc32(bytes.subarray(HEAD_BYTES), offset), true);
  return bytes;
}

/** Reads a segment, whatever happened to it: what is damaged is stepped over, up to the next record that is whole. */
export function scanSegment(bytes: Uint8Array): ScannedSegment {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  const damaged: [number, number][] = [];
  let end = 0;
  let at = 0;
  while (at + HEAD_BYTES + FIXED_BYTES <= bytes.length) {
    const record = recordAt(bytes, view, at);
    if (record === undefined) {
      at++;
      continue;
    }
    if (at > end) damaged.push([end, at]);
    records.push(record);
    at += recordBytes(record.body.length);
    end = at;
  }
  return { records, end, damaged };
}

function recordAt(bytes: Uint8Array, view: DataView, at: number): JournalRecord | undefined {
  if (view.getUint32(at, true) !== MAGIC) return undefined;
  const size = view.getUint32(at + 4, true);
  if (size < FIXED_BYTES || at + HEAD_BYTES + size > bytes.length) return undefined;
  const content = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + size);
  const kind = KINDS[content[0] ?? KINDS.length];
  if (kind === undefined || crc32(content, at) !== view.getUint32(at + 8, true)) return undefined;
  const id = view.getFloat64(at + HEAD_BYTES + 1, true);
  if (!Number.isSafeInteger(id)) return undefined;
  return { kind, id, repeats: view.getUint32(at + HEAD_BYTES + 9, true), body: content.subarray(FIXED_BYTES) };
}
