import { ScalarType } from "@bufbuild/protobuf";
import { isDelimited } from "./encode-source.ts";
import { isLong } from "./field-info.ts";
import { MESSAGE_DEPTH_MAX } from "./limits.ts";
import { type FieldPlan, literal, type MessagePlan, property } from "./message-plan.ts";
import { readScalar } from "./scalar-source.ts";
import { WireType } from "./wire-type.ts";

/**
 * Gives the source of the function that reads a message. It dispatches on the field number alone, as protobuf-es does, so that the
 * two take and refuse the same bytes.
 */
export function decodeSource(plan: MessagePlan): string {
  return `function read(reader, message, end, depth, group) {
if (depth > ${MESSAGE_DEPTH_MAX}) reader.fail("more than ${MESSAGE_DEPTH_MAX} nested messages");
if (message === undefined) ${zeroMessage(plan)}
while (reader.position < end) {
const tag = reader.tag();
if (group !== 0 && (tag & 7) === ${WireType.endGroup}) {
if (tag >>> 3 !== group) reader.fail("end of group " + (tag >>> 3) + " within group " + group);
return message;
}
switch (tag >>> 3) {
${plan.fields.map((field) => `case ${field.desc.number}: ${readField(field)}`).join("\n")}
default: readUnknown(reader, message, tag, depth);
}
}
if (group !== 0) reader.fail("group " + group + " without end");
return message;
}`;
}

/** Gives the statements that make an empty message and put it in `message`. */
export function zeroMessage(plan: MessagePlan): string {
  const entries = Object.keys(plan.zero).filter((name) => name !== "$typeName");
  if (plan.defaults === undefined) {
    const members = entries.map((name) => `, ${literal(name)}: ${zeroOf(plan, name)}`).join("");
    return `message = { $typeName: ${plan.typeName}${members} };`;
  }
  const assignments = entries.map((name) => `message[${literal(name)}] = ${zeroOf(plan, name)};`).join(" ");
  return `{ message = new Message(); ${assignments} }`;
}

/** Gives the text of what a member holds in an empty message. */
export function zeroOf(plan: MessagePlan, name: string): string {
  const value = plan.zero[name];
  if (Array.isArray(value)) return "[]";
  const text = literal(value);
  if (text !== undefined) return text;
  return plan.desc.oneofs.some((oneof) => oneof.localName === name) ? "{ case: undefined }" : "{}";
}

function readField(field: FieldPlan): string {
  switch (field.desc.fieldKind) {
    case "list":
      return `${readList(field)} break;`;
    case "map":
      return `${readMap(field)} break;`;
    case "enum":
      if (!field.desc.enum.open) return `{ ${readClosedEnum(field, field.desc.enum.values)} } break;`;
  }
  return `${readSingular(field)} break;`;
}

function readSingular(field: FieldPlan): string {
  const { desc, key, info } = field;
  if (info.scalar !== undefined && info.form === "scalar") return store(field, scalarOf(field));
  const present = desc.oneof
    ? `const oneof = message[${key}]; const old = oneof.case === ${literal(desc.localName)} ? oneof.value : undefined;`
    : `const old = ${property(desc.localName)};`;
  return `{ ${present} ${store(field, readChild(field, "old"))} }`;
}

/** Gives the statement that sets a singular field. */
function store(field: FieldPlan, value: string): string {
  if (!field.desc.oneof) return `message[${field.key}] = ${value};`;
  return `message[${field.key}] = { case: ${literal(field.desc.localName)}, value: ${value} };`;
}

/** An unknown number of a closed enum is kept among the unknown fields, as if the field were not known. */
function readClosedEnum(field: FieldPlan, values: readonly { readonly number: number }[]): string {
  const cases = [...new Set(values.map((value) => value.number))].map((number) => `case ${number}:`).join(" ");
  return `const number = reader.int32();
switch (number) { ${cases} ${store(field, "number")} break; default: keepEnum(message, tag, number); }`;
}

function scalarOf({ desc, info }: FieldPlan): string {
  const options = { strict: desc.utf8Validation, longAsString: info.longAsString };
  return readScalar(info.scalar as ScalarType, options);
}

/** Gives the expression that reads a message and gives what the program sees of it; `old` names what it is merged into. */
function readChild(field: FieldPlan, old: string): string {
  const { form } = field.info;
  const seed = { message: old, scalar: old, wrapper: unwrap(field, old), json: rejson(old) }[form];
  const message = isDelimited(field.desc)
    ? `${field.child}.read(reader, ${seed}, reader.length, depth + 1, ${field.desc.number})`
    : `${field.child}.read(reader, ${seed}, reader.end(), depth + 1, 0)`;
  return { message, scalar: message, wrapper: `${message}.value`, json: `jsonFromStruct(${message})` }[form];
}

function unwrap(field: FieldPlan, old: string): string {
  const typeName = literal(field.desc.message?.typeName);
  return old === "undefined" ? old : `${old} === undefined ? undefined : { $typeName: ${typeName}, value: ${old} }`;
}

function rejson(old: string): string {
  return old === "undefined" ? old : `${old} === undefined ? undefined : structFromJson(${old}, depth + 1)`;
}

function readList(field: FieldPlan): string {
  const list = `message[${field.key}]`;
  const { scalar } = field.info;
  if (scalar === undefined) return `${list}.push(${readChild(field, "undefined")});`;
  const push = `${list}.push(${scalarOf(field)});`;
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return push;
  return `if ((tag & 7) === ${WireType.lengthDelimited}) {
const last = reader.end(); const list = ${list};
while (reader.position < last) list.push(${scalarOf(field)});
} else ${push}`;
}

/** An entry is a message of two fields, of which either may be missing or come twice; the last of a key wins. */
function readMap(field: FieldPlan): string {
  const keyScalar = field.info.mapKey as ScalarType;
  const key = readScalar(keyScalar, { strict: field.desc.utf8Validation, longAsString: false });
  const map = `message[${field.key}]`;
  return `{ const last = reader.end(); let key = ${zeroKey(keyScalar)}; let value;
while (reader.position < last) {
const part = reader.tag();
switch (part >>> 3) {
case 1: key = ${key}; break;
case 2: value = ${mapValue(field)}; break;
default: reader.skip(part, depth);
}
}
if (value === undefined) value = ${zeroValue(field)};
${keyScalar === ScalarType.STRING ? `setEntry(${map}, key, value);` : `${map}[key] = value;`} }`;
}

function mapValue(field: FieldPlan): string {
  return field.info.scalar === undefined ? readChild(field, "value") : scalarOf(field);
}

function zeroKey(scalar: ScalarType): string {
  if (scalar === ScalarType.STRING) return '""';
  return scalar === ScalarType.BOOL ? "false" : "0";
}

function zeroValue(field: FieldPlan): string {
  if (field.desc.enum) return String(field.desc.enum.values[0]?.number ?? 0);
  switch (field.info.scalar) {
    case undefined:
      return field.info.form === "json" ? "{}" : `${field.child}.read(reader, undefined, 0, 1, 0)`;
    case ScalarType.STRING:
      return '""';
    case ScalarType.BOOL:
      return "false";
    case ScalarType.BYTES:
      return "new Uint8Array(0)";
    default:
      return isLong(field.info.scalar) ? "0n" : "0";
  }
}
