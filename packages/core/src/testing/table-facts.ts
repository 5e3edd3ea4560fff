import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { MessageTable, TableField } from "../protobuf/message-table.ts";

const SCALARS: Readonly<Record<string, ScalarType>> = {
  text: ScalarType.STRING,
  bytes: ScalarType.BYTES,
  bool: ScalarType.BOOL,
  uint32: ScalarType.UINT32,
  uint64: ScalarType.UINT64,
  fixed64: ScalarType.FIXED64,
};

/** What a table says of a message type and of those within, to be compared with `factsOfDesc` of its schema. */
export function factsOfTable({ typeName, fields }: MessageTable): unknown {
  return { typeName, fields: fields.map(factsOfField) };
}

function factsOfField({ name, number, type, repeated }: TableField): unknown {
  const said = typeof type === "string" ? SCALARS[type] : factsOfTable(type);
  return { name, number, type: said, repeated: repeated === true };
}

/** What a schema says of a message type and of those within. */
export function factsOfDesc({ typeName, fields }: DescMessage): unknown {
  return { typeName, fields: fields.map(factsOfDescField) };
}

function factsOfDescField({ localName, number, message, scalar, fieldKind }: DescField): unknown {
  const type = message === undefined ? scalar : factsOfDesc(message);
  return { name: localName, number, type, repeated: fieldKind === "list" };
}
