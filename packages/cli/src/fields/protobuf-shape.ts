import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { enumLeaf } from "./enum-leaf.ts";
import { readRecord, strictList, strictMap } from "./read-value.ts";
import { scalarLeaf } from "./scalar-leaf.ts";
import { createRecord, type Field, type MapShape, once, type RecordShape, type Shape, spellingsOf } from "./shape.ts";
import { wellKnownLeaf } from "./well-known-leaf.ts";

const shapes = new WeakMap<DescMessage, RecordShape>();

/** Gives the shape of a protobuf message, always the same one. What it reads is JSON that `fromJson` takes. */
export function messageShape(desc: DescMessage): RecordShape {
  let shape = shapes.get(desc);
  if (shape === undefined) {
    shape = createRecord({ type: desc.name, fields: () => desc.fields.map(fieldOf), readJson: readRecord });
    shapes.set(desc, shape);
  }
  return shape;
}

function fieldOf(field: DescField): Field {
  const choice = field.oneof;
  const shape = once(() => shapeOf(field));
  return {
    key: field.jsonName,
    spellings: spellingsOf(field.jsonName, field.name),
    get shape() {
      return shape();
    },
    choice: choice && { name: choice.name, keys: choice.fields.map(({ jsonName }) => jsonName) },
    note: noteOf(field),
  };
}

function noteOf(field: DescField): string {
  const notes: string[] = [];
  if (field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED) notes.push("required");
  if (field.deprecated) notes.push("deprecated");
  const fallback = field.fieldKind === "scalar" || field.fieldKind === "enum" ? field.getDefaultValue() : undefined;
  if (fallback !== undefined && !(fallback instanceof Uint8Array)) {
    notes.push(`default ${field.enum?.value[Number(fallback)]?.name ?? fallback}`);
  }
  return notes.join("; ");
}

function shapeOf(field: DescField): Shape {
  switch (field.fieldKind) {
    case "list":
      return strictList(itemOf(field));
    case "map":
      return strictMap(itemOf(field), keyOf(field.mapKey));
    default:
      return itemOf(field);
  }
}

function itemOf(field: DescField): Shape {
  if (field.enum !== undefined) return enumLeaf(field.enum);
  if (field.message !== undefined) return wellKnownLeaf(field.message) ?? messageShape(field.message);
  return scalarLeaf(field.scalar ?? ScalarType.STRING);
}

function keyOf(scalar: ScalarType): { readonly type: string; readonly read: MapShape["readKey"] } {
  const leaf = scalarLeaf(scalar);
  const read: MapShape["readKey"] = (text, refuse) =>
    String(leaf.readJson(scalar === ScalarType.BOOL ? bool(text) : text, (why) => refuse(`key ${why}`)));
  return { type: leaf.type, read };
}

function bool(text: string): boolean | string {
  return text === "true" || text === "false" ? text === "true" : text;
}
