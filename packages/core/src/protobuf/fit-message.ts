import {
  create,
  type DescField,
  type DescMessage,
  type DescOneof,
  type Message,
  ScalarType,
  type UnknownField,
} from "@bufbuild/protobuf";
import { type FieldInfo, fieldInfo, isUnsignedLong } from "./field-info.ts";
import { MESSAGE_DEPTH_MAX } from "./limits.ts";
import { structFromJson } from "./struct-json.ts";
import {
  fitKey,
  fitList,
  isFloat32,
  fit as makeFit,
  mapKeys,
  ownValue,
  type Place,
  refuse,
  refuseCase,
  refuseDepth,
  refuseMissing,
  refuseType,
  setEntry,
} from "./value-check.ts";

/** `FeatureSet.FieldPresence` of protobuf: a field that must be set. */
const REQUIRED = 3;

type Fields = Readonly<Record<string, unknown>>;

interface FittedType {
  /** In the order of their numbers. */
  readonly fields: readonly Field[];
  /** Where protobuf-es keeps the defaults of fields that know whether they are set. */
  readonly defaults: Fields;
}

interface Field {
  readonly desc: DescField;
  readonly info: FieldInfo;
}

const types = new WeakMap<DescMessage, FittedType>();

/**
 * Makes the message that protobuf-es writes as the compiled code of its type writes `value`: a message, or an object with some of its fields.
 * @throws Error that names message, field and value, when one does not fit.
 */
export function fitMessage(desc: DescMessage, value: object, depth = 1): Message {
  if (depth > MESSAGE_DEPTH_MAX) refuseDepth(desc.typeName);
  const message = value as Fields;
  const typeName = message["$typeName"];
  if (typeName !== desc.typeName && typeName !== undefined) refuseType(desc.typeName, typeName);
  const made = create(desc) as Message & Record<string, unknown>;
  const { fields, defaults } = fittedType(desc);
  for (const field of fields) {
    const { localName, oneof, presence } = field.desc;
    const item = oneof === undefined ? propertyOf(message, localName) : chosenOf(message, oneof, localName);
    const isInherited = Object.is(item, defaults[localName]) && !Object.hasOwn(message, localName);
    if (item != null && (!isInherited || oneof !== undefined)) {
      const fitted = fitField(field, item, depth);
      made[oneof?.localName ?? localName] = oneof === undefined ? fitted : { case: localName, value: fitted };
    } else if (presence === REQUIRED) refuseMissing(field.info);
  }
  for (const oneof of desc.oneofs) checkCase(desc, oneof, propertyOf(message, oneof.localName));
  if (message["$unknown"] !== undefined) made["$unknown"] = message["$unknown"] as UnknownField[];
  return made;
}

function fittedType(desc: DescMessage): FittedType {
  let type = types.get(desc);
  if (type === undefined) {
    const sorted = [...desc.fields].sort((a, b) => a.number - b.number);
    const prototype: unknown = Object.getPrototypeOf(create(desc));
    const defaults = prototype === Object.prototype ? {} : (prototype as Fields);
    type = { fields: sorted.map((field) => ({ desc: field, info: fieldInfo(field) })), defaults };
    types.set(desc, type);
  }
  return type;
}

function checkCase({ typeName }: DescMessage, oneof: DescOneof, value: unknown): void {
  if (value == null) return;
  const chosen = typeof value === "object" ? (value as { case?: unknown }).case : value;
  if (typeof value === "object" && chosen == null) return;
  const isKnown = typeof value === "object" && oneof.fields.some(({ localName }) => localName === chosen);
  if (!isKnown) refuseCase(typeName, oneof.localName, chosen);
}

/** Stands for the missing value of a oneof that says which it has. */
const NOTHING = Symbol("nothing");

/** The value of a field of a oneof; undefined where that holds another. */
function chosenOf(message: Fields, oneof: DescOneof, name: string): unknown {
  const chosen = propertyOf(message, oneof.localName) as { case?: unknown; value?: unknown } | null | undefined;
  return chosen?.case === name ? (chosen.value ?? NOTHING) : undefined;
}

function fitField(field: Field, item: unknown, depth: number): unknown {
  const { desc, info } = field;
  switch (desc.fieldKind) {
    case "list": {
      const list = Array.isArray(item) ? item : fitList(info, item);
      return Array.from(list, (one, index) => fitItem(field, one, { place: index, depth }));
    }
    case "map": {
      const map: Record<string, unknown> = {};
      for (const name of mapKeys(info, item)) {
        const key = info.mapKey === ScalarType.STRING ? name : String(fitKey(info, name));
        setEntry(map, key, fitItem(field, (item as Fields)[name], { place: name, depth }));
      }
      return map;
    }
    default:
      return fitItem(field, item === NOTHING ? undefined : item, { place: undefined, depth });
  }
}

function fitItem({ desc, info }: Field, one: unknown, { place, depth }: { place: Place; depth: number }): unknown {
  if (info.scalar !== undefined) return isFit(info.scalar, one) ? one : makeFit(info, one, place);
  const isJson = info.form === "json";
  if (typeof one !== "object" || one === null || (isJson && Array.isArray(one))) refuse(info, one, place);
  if (desc.message === undefined || !isJson) return desc.message && fitMessage(desc.message, one, depth + 1);
  structFromJson(one, depth + 1); // Refuses what is no JSON.
  return one;
}

function propertyOf(message: Fields, name: string): unknown {
  return name in Object.prototype ? ownValue(message, name) : message[name];
}

/** Tells whether a value needs no conversion to be written. */
function isFit(scalar: ScalarType, value: unknown): boolean {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return typeof value === "number";
    case ScalarType.FLOAT:
      return isFloat32(value);
    case ScalarType.BOOL:
      return typeof value === "boolean";
    case ScalarType.STRING:
      return typeof value === "string";
    case ScalarType.BYTES:
      return value instanceof Uint8Array;
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return typeof value === "number" && value >>> 0 === value;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return typeof value === "number" && (value | 0) === value;
    default:
      return typeof value === "bigint" && BigInt[isUnsignedLong(scalar) ? "asUintN" : "asIntN"](64, value) === value;
  }
}
