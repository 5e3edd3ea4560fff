import { type ByteReader, type ByteWriter, createByteReader, createByteWriter } from "@orrery/core/internal";
import type { Coordinates } from "./entry.ts";
import { type RawEntry, readCoordinates, readEntry, writeCoordinates } from "./entry-codec.ts";
import { BUCKETS, GOSSIP_BYTES_MAX, SHARES_MAX, WANT_MAX } from "./limits.ts";

/** What one message is about, besides the entries that go along. */
export type Said =
  | { readonly kind: "probe"; readonly id: number; readonly target: string }
  | { readonly kind: "ack"; readonly id: number; readonly coordinates: Coordinates | undefined }
  | { readonly kind: "indirectProbe"; readonly id: number; readonly target: string; readonly address: string }
  | { readonly kind: "nack"; readonly id: number }
  | {
      readonly kind: "digest";
      readonly buckets: readonly number[];
      readonly loads: readonly number[];
      readonly isAnswer: boolean;
    }
  | { readonly kind: "page" }
  | { readonly kind: "want"; readonly nodes: readonly string[] }
  | { readonly kind: "shares"; readonly shares: readonly { readonly rule: string; readonly wanted: number }[] }
  | { readonly kind: "news" };

/** A message of `orrery.gossip.v1`, as it is read. */
export interface GossipMessage {
  /** Empty for one that only looks. */
  readonly from: string;
  readonly incarnation: number;
  /** Network of the sender; empty where networks have no names. */
  readonly network: string;
  readonly said: Said;
  readonly entries: readonly RawEntry[];
}

/** A message to be written; the entries are encoded. */
export interface GossipInit extends Omit<GossipMessage, "entries"> {
  readonly entries: readonly Uint8Array[];
}

const NUMBERS: Readonly<Record<Said["kind"], number>> = {
  probe: 3,
  ack: 4,
  indirectProbe: 5,
  nack: 6,
  digest: 7,
  page: 8,
  want: 9,
  shares: 11,
  news: 0,
};
const NETWORK_TAG = (10 << 3) | 2;
const ENTRIES_TAG = (15 << 3) | 2;

/** Encodes a message: the bytes that protobuf-es would write. */
export function encodeGossip({ from, incarnation, network, said, entries }: GossipInit): Uint8Array<ArrayBuffer> {
  const writer = createByteWriter();
  writeText(writer, 1, from);
  if (incarnation !== 0) {
    writer.uint32(2 << 3);
    writer.uint53(incarnation);
  }
  if (said.kind === "shares") writeText(writer, 10, network);
  if (said.kind !== "news") {
    writer.uint32((NUMBERS[said.kind] << 3) | 2);
    const start = writer.begin();
    writeSaid(writer, said);
    writer.end(start);
  }
  if (said.kind !== "shares") writeText(writer, 10, network);
  for (const entry of entries) {
    writer.uint32(ENTRIES_TAG);
    writer.data(entry);
  }
  return writer.finish();
}

function writeSaid(writer: ByteWriter, said: Exclude<Said, { kind: "news" }>): void {
  switch (said.kind) {
    case "probe":
      writeNumber(writer, 1, said.id);
      writeText(writer, 2, said.target);
      return;
    case "ack":
      writeNumber(writer, 1, said.id);
      if (said.coordinates !== undefined) writeCoordinates(writer, 2, said.coordinates);
      return;
    case "indirectProbe":
      writeNumber(writer, 1, said.id);
      writeText(writer, 2, said.target);
      writeText(writer, 3, said.address);
      return;
    case "nack":
      writeNumber(writer, 1, said.id);
      return;
    case "digest":
      writeBuckets(writer, 1, said.buckets);
      if (said.isAnswer) writeNumber(writer, 2, 1);
      writeBuckets(writer, 3, said.loads);
      return;
    case "page":
      return;
    case "want":
      for (const node of said.nodes) {
        writer.uint32((1 << 3) | 2);
        writer.text(node);
      }
      return;
    case "shares":
      for (const { rule, wanted } of said.shares) writeShare(writer, rule, wanted);
  }
}

function writeShare(writer: ByteWriter, rule: string, wanted: number): void {
  writer.uint32((1 << 3) | 2);
  const start = writer.begin();
  writeText(writer, 1, rule);
  if (wanted !== 0) {
    writer.uint32((2 << 3) | 5);
    writer.float(wanted);
  }
  writer.end(start);
}

function readShares(reader: ByteReader): Said {
  const end = reader.end();
  const shares: { rule: string; wanted: number }[] = [];
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag !== ((1 << 3) | 2)) {
      reader.skip(tag, 2);
      continue;
    }
    const share = { rule: "", wanted: 0 };
    const last = reader.end();
    while (reader.position < last) {
      const inner = reader.tag();
      if (inner === ((1 << 3) | 2)) share.rule = reader.text();
      else if (inner === ((2 << 3) | 5)) share.wanted = reader.float();
      else reader.skip(inner, 3);
    }
    if (!(share.wanted >= 0 && Number.isFinite(share.wanted))) reader.fail(`share of ${share.wanted} a second`);
    shares.push(share);
    if (shares.length > SHARES_MAX) reader.fail(`more than ${SHARES_MAX} shares`);
  }
  if (reader.position > end) reader.fail("field beyond the end of its message");
  return { kind: "shares", shares };
}

function writeBuckets(writer: ByteWriter, field: number, buckets: readonly number[]): void {
  writer.uint32((field << 3) | 2);
  writer.uint32(buckets.length * 4);
  for (const sum of buckets) writer.fixed32(sum);
}

/**
 * Decodes a message. Fields of a newer peer are passed over; what only it knows to say is taken for news.
 * @throws Error saying what is wrong, for bytes that are no message, or one beyond its bounds.
 */
export function decodeGossip(bytes: Uint8Array): GossipMessage {
  if (bytes.length > GOSSIP_BYTES_MAX) throw new Error(`message of ${bytes.length} bytes`);
  const reader = createByteReader(bytes);
  let from = "";
  let incarnation = 0;
  let network = "";
  let said: Said = { kind: "news" };
  const entries: RawEntry[] = [];
  while (reader.position < bytes.length) {
    const tag = reader.tag();
    const number = tag >>> 3;
    if (tag === ((1 << 3) | 2)) from = reader.text();
    else if (tag === 2 << 3) incarnation = reader.uint53();
    else if (tag === ENTRIES_TAG) entries.push(readEntry(reader));
    else if (tag === NETWORK_TAG) network = reader.text();
    else if (tag === ((NUMBERS.shares << 3) | 2)) said = readShares(reader);
    else if ((tag & 7) === 2 && number >= 3 && number <= 9) said = readSaid(reader, number);
    else reader.skip(tag, 1);
  }
  return { from, incarnation, network, said, entries };
}

function readSaid(reader: ByteReader, number: number): Said {
  const end = reader.end();
  const read = { id: 0, target: "", address: "", nodes: [] as string[], isAnswer: false };
  const buckets: number[] = [];
  const loads: number[] = [];
  let coordinates: Coordinates | undefined;
  while (reader.position < end) {
    const tag = reader.tag();
    switch (number * 1000 + tag) {
      case NUMBERS.probe * 1000 + 8:
      case NUMBERS.ack * 1000 + 8:
      case NUMBERS.indirectProbe * 1000 + 8:
      case NUMBERS.nack * 1000 + 8:
        read.id = reader.uint32();
        break;
      case NUMBERS.probe * 1000 + 18:
      case NUMBERS.indirectProbe * 1000 + 18:
        read.target = reader.text();
        break;
      case NUMBERS.indirectProbe * 1000 + 26:
        read.address = reader.text();
        break;
      case NUMBERS.ack * 1000 + 18:
        coordinates = readCoordinates(reader);
        break;
      case NUMBERS.digest * 1000 + 10:
        for (const last = reader.end(); reader.position < last; ) buckets.push(reader.fixed32());
        break;
      case NUMBERS.digest * 1000 + 26:
        for (const last = reader.end(); reader.position < last; ) loads.push(reader.fixed32());
        break;
      case NUMBERS.digest * 1000 + 16:
        read.isAnswer = reader.bool();
        break;
      case NUMBERS.want * 1000 + 10:
        read.nodes.push(reader.text());
        break;
      default:
        reader.skip(tag, 2);
    }
  }
  if (reader.position > end) reader.fail("field beyond the end of its message");
  return toSaid(number, { ...read, buckets, loads, coordinates });
}

interface SaidFields {
  readonly id: number;
  readonly target: string;
  readonly address: string;
  readonly nodes: readonly string[];
  readonly isAnswer: boolean;
  readonly buckets: readonly number[];
  readonly loads: readonly number[];
  readonly coordinates: Coordinates | undefined;
}

function toSaid(number: number, fields: SaidFields): Said {
  const { id, target, address, nodes, isAnswer, buckets, loads, coordinates } = fields;
  switch (number) {
    case NUMBERS.probe:
      return { kind: "probe", id, target };
    case NUMBERS.ack:
      return { kind: "ack", id, coordinates };
    case NUMBERS.indirectProbe:
      return { kind: "indirectProbe", id, target, address };
    case NUMBERS.nack:
      return { kind: "nack", id };
    case NUMBERS.digest:
      if (buckets.length !== BUCKETS || loads.length !== BUCKETS)
        throw new Error(`digest of ${buckets.length} and ${loads.length} sums`);
      return { kind: "digest", buckets, loads, isAnswer };
    case NUMBERS.want:
      if (nodes.length > WANT_MAX) throw new Error(`${nodes.length} nodes wanted`);
      return { kind: "want", nodes };
    default:
      return { kind: "page" };
  }
}

function writeNumber(writer: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  writer.uint32(field << 3);
  writer.uint32(value);
}

function writeText(writer: ByteWriter, field: number, value: string): void {
  if (value === "") return;
  writer.uint32((field << 3) | 2);
  writer.text(value);
}
