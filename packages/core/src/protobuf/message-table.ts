import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * A message type of our own in proto3, as a table: enough to write and read its messages without protobuf-es and without its descriptors,
 * whose loading takes longer than all else that a process does before it can be called; see docs/adr/0013. Tests compare each
 * table with its schema.
 */
export interface MessageTable {
  readonly typeName: string;
  /** In the order of their numbers. */
  readonly fields: readonly TableField[];
}

/** One field of a message type. A message that is not repeated stands only in a oneof. */
export interface TableField {
  readonly name: string;
  readonly number: number;
  readonly type: keyof typeof SCALARS | MessageTable;
  readonly repeated?: true;
}

/** The fields of a message by name. */
export type TableValues = Record<string, unknown>;

interface Scalar {
  readonly wireType: number;
  /** The value of a field that was not sent; such a value is not sent either. */
  zero(): unknown;
  write(writer: ByteWriter, value: never): void;
  read(reader: ByteReader): unknown;
}

const SCALARS = {
  text: {
    wireType: 2,
    zero: () => "",
    write: (writer, value: string) => writer.text(value),
    read: (reader) => reader.text(),
  },
  bytes: {
    wireType: 2,
    zero: () => new Uint8Array(0),
    write: (writer, value: Uint8Array) => writer.data(value),
    read: (reader) => reader.data(),
  },
  bool: {
    wireType: 0,
    zero: () => false,
    write: (writer, value: boolean) => writer.byte(value ? 1 : 0),
    read: (reader) => reader.bool(),
  },
  uint32: {
    wireType: 0,
    zero: () => 0,
    write: (writer, value: number) => writer.uint32(value),
    read: (reader) => reader.uint32(),
  },
  uint64: {
    wireType: 0,
    zero: () => 0n,
    write: (writer, value: bigint) => writer.int64(value),
    read: (reader) => reader.uint64(),
  },
  fixed64: {
    wireType: 1,
    zero: () => 0n,
    write: (writer, value: bigint) => writer.fixed64(value),
    read: (reader) => reader.fixed64(),
  },
} as const satisfies Readonly<Record<string, Scalar>>;

/** Makes the table of a message type whose fields are numbered from 1, without gaps. */
export function messageTable(
  typeName: string,
  ...rows: readonly (readonly [name: string, type: TableField["type"], repeated?: "repeated"])[]
): MessageTable {
  const fields = rows.map(([name, type, repeated], index): TableField => {
    const field = { name, number: index + 1, type };
    return repeated === undefined ? field : { ...field, repeated: true };
  });
  return { typeName, fields };
}

/** Gives a field's tag: its number times 8, plus its wire type. */
export function tagOfField({ number, type }: TableField): number {
  return (number << 3) | (typeof type === "string" ? SCALARS[type].wireType : 2);
}

/** Writes a field, its tag before it, even when the value is the default. Values are taken to fit. */
export function writeField(writer: ByteWriter, field: TableField, value: unknown): void {
  const { type } = field;
  writer.uint32(tagOfField(field));
  if (typeof type === "string") {
    (SCALARS[type] as Scalar).write(writer, value as never);
  } else {
    const start = writer.begin();
    writeFields(writer, type, value as TableValues);
    writer.end(start);
  }
}

function writeFields(writer: ByteWriter, { fields }: MessageTable, values: TableValues): void {
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.repeated) for (const item of value as readonly unknown[]) writeField(writer, field, item);
    else if (!isZero(value)) writeField(writer, field, value);
  }
}

function isZero(value: unknown): boolean {
  return value instanceof Uint8Array ? value.length === 0 : !value;
}

/**
 * Reads a message with its length before it, into `known` if it adds to what was read before. Fields of a newer peer are passed over.
 * @throws Error saying what is wrong and where.
 */
export function readMessage(
  reader: ByteReader,
  type: MessageTable,
  known: TableValues = emptyMessage(type),
): TableValues {
  const end = reader.end();
  while (reader.position < end) {
    const tag = reader.tag();
    const field = type.fields.find((candidate) => tagOfField(candidate) === tag);
    if (field === undefined) reader.skip(tag, DEPTH_MAX);
    else if (field.repeated) (known[field.name] as unknown[]).push(readMessage(reader, field.type as MessageTable));
    else known[field.name] = SCALARS[field.type as keyof typeof SCALARS].read(reader);
  }
  if (reader.position > end) reader.fail(`field beyond the end of "${type.typeName}"`);
  return known;
}

/** No table lies deeper: the groups of a newer peer count on from there. */
const DEPTH_MAX = 4;

/** Makes a message with nothing set. */
export function emptyMessage({ typeName, fields }: MessageTable): TableValues {
  const empty: TableValues = { $typeName: typeName };
  for (const { name, type, repeated } of fields) {
    empty[name] = repeated ? [] : SCALARS[type as keyof typeof SCALARS].zero();
  }
  return empty;
}
