import { crc32, messageOf } from "@orrery/core/internal";
import { RecordSchema } from "../gen/orrery/state/v1/state_pb.ts";
import type { Snapshot, Update } from "./position.ts";
import {
  decodeMessage,
  encodeMessage,
  snapshotOf,
  snapshotToMessage,
  updateOf,
  updateToMessage,
} from "./state-codec.ts";

/** What the first record of a file says. */
export interface StartRecord {
  readonly kind: "start";
  readonly name: string;
  readonly members: readonly string[];
  readonly promised: number;
  readonly snapshot: Snapshot;
}

/** A record of a file: all of a state, a promise to take nothing of an earlier epoch, or a change. */
export type StateRecord =
  | StartRecord
  | { readonly kind: "promised"; readonly promised: number }
  | { readonly kind: "change"; readonly update: Update };

/** What was read of a file. */
export interface ScannedFile {
  readonly records: readonly StateRecord[];
  /** Bytes that could be read. */
  readonly end: number;
  /** What stands behind them: nothing, a record that was cut short, or what cannot be one. */
  readonly tail: "none" | "cut" | "unreadable";
  /** Whether something behind what cannot be read can be. */
  readonly isDamaged: boolean;
}

/** `OS01`, little-endian. */
const MAGIC = 0x3130534f;
/** Magic, length, checksum. */
const HEAD_BYTES = 12;
const FORMAT = 1;

/** Writes a record that will stand at an offset of its file; read at another offset it is taken for damaged. */
export function encodeRecord(record: StateRecord, offset: number): Uint8Array<ArrayBuffer> {
  const content = encodeMessage(RecordSchema, { record: messageOfRecord(record) });
  const bytes = new Uint8Array(HEAD_BYTES + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, content.length, true);
  view.setUint32(8, crc32(content, offset), true);
  bytes.set(content, HEAD_BYTES);
  return bytes;
}

/** Reads a file from its beginning, as far as it is whole. @throws Error for a record that is whole and of a later format. */
export function scanFile(bytes: Uint8Array): ScannedFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: StateRecord[] = [];
  let at = 0;
  for (let content = contentAt(bytes, view, at); content !== undefined; content = contentAt(bytes, view, at)) {
    records.push(recordOf(content));
    at += HEAD_BYTES + content.length;
  }
  return { records, end: at, tail: tailAt(bytes, view, at), isDamaged: hasRecordBehind(bytes, view, at) };
}

function contentAt(bytes: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  if (at + HEAD_BYTES > bytes.length || view.getUint32(at, true) !== MAGIC) return undefined;
  const size = view.getUint32(at + 4, true);
  if (at + HEAD_BYTES + size > bytes.length) return undefined;
  const content = bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + size);
  return crc32(content, at) === view.getUint32(at + 8, true) ? content : undefined;
}

function tailAt(bytes: Uint8Array, view: DataView, at: number): ScannedFile["tail"] {
  if (at === bytes.length) return "none";
  if (at + HEAD_BYTES > bytes.length) return "cut";
  const isHead = view.getUint32(at, true) === MAGIC;
  return isHead && at + HEAD_BYTES + view.getUint32(at + 4, true) > bytes.length ? "cut" : "unreadable";
}

function hasRecordBehind(bytes: Uint8Array, view: DataView, from: number): boolean {
  for (let at = from + 1; at + HEAD_BYTES <= bytes.length; at++) {
    if (contentAt(bytes, view, at) !== undefined) return true;
  }
  return false;
}

function messageOfRecord(record: StateRecord) {
  switch (record.kind) {
    case "start": {
      const { name, members, promised, snapshot } = record;
      const parts = { name, members: [...members], promised: BigInt(promised), snapshot: snapshotToMessage(snapshot) };
      return { case: "start" as const, value: { format: FORMAT, ...parts } };
    }
    case "promised":
      return { case: "promised" as const, value: BigInt(record.promised) };
    case "change":
      return { case: "change" as const, value: updateToMessage(record.update) };
  }
}

function recordOf(content: Uint8Array): StateRecord {
  const { record } = read(content);
  switch (record.case) {
    case "start": {
      const { format, name, members, promised, snapshot } = record.value;
      if (format !== FORMAT || snapshot === undefined)
        throw new Error(`its format is ${format}, this version reads ${FORMAT}`);
      return { kind: "start", name, members, promised: Number(promised), snapshot: snapshotOf(snapshot) };
    }
    case "promised":
      return { kind: "promised", promised: Number(record.value) };
    case "change":
      return { kind: "change", update: updateOf(record.value) };
    default:
      throw new Error("it has a record of a kind that this version does not know");
  }
}

function read(content: Uint8Array) {
  try {
    return decodeMessage(RecordSchema, content);
  } catch (error) {
    throw new Error(`it has a record that cannot be read: ${messageOf(error)}`);
  }
}
