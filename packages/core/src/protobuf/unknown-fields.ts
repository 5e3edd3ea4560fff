import type { UnknownField } from "@bufbuild/protobuf";
import type { ByteReader } from "./byte-reader.ts";
import { type ByteWriter, createByteWriter } from "./byte-writer.ts";

/** A message as far as its unknown fields go. */
interface WithUnknown {
  $unknown?: UnknownField[];
}

/** Writes the fields that a newer peer sent, as they came. */
export function writeUnknown(writer: ByteWriter, fields: readonly UnknownField[]): void {
  for (const { no, wireType, data } of fields) {
    writer.uint32(((no << 3) | wireType) >>> 0);
    writer.raw(data);
  }
}

/** Copies the fields that a newer peer sent. */
export function copyUnknown(fields: readonly UnknownField[]): UnknownField[] {
  return fields.map(({ no, wireType, data }) => ({ no, wireType, data: new Uint8Array(data) }));
}

/** Reads a field that the message type does not have, and keeps it. */
export function readUnknown(reader: ByteReader, message: WithUnknown, tag: number, depth: number): void {
  const start = reader.position;
  reader.skip(tag, depth);
  keep(message, tag, reader.copy(start, reader.position));
}

/** Keeps a number that a closed enum does not have. */
export function keepEnum(message: WithUnknown, tag: number, number: number): void {
  const writer = createByteWriter(10);
  writer.int32(number);
  keep(message, tag, writer.finish());
}

function keep(message: WithUnknown, tag: number, data: Uint8Array): void {
  const field: UnknownField = { no: tag >>> 3, wireType: tag & 7, data };
  if (message.$unknown === undefined) message.$unknown = [field];
  else message.$unknown.push(field);
}
