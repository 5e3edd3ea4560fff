import { type DescField, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { isLong } from "./field-info.ts";
import { MESSAGE_DEPTH_MAX } from "./limits.ts";
import { type FieldPlan, isSet, literal, type MessagePlan, property, tagOf } from "./message-plan.ts";
import { makeFit, writeScalar } from "./scalar-source.ts";
import { WireType, wireTypeOf } from "./wire-type.ts";

/** `FeatureSet.FieldPresence` of protobuf: a field that does not know whether it is set. */
const IMPLICIT = 2;
/** `FeatureSet.FieldPresence` of protobuf: a field that must be set. */
const REQUIRED = 3;

/** Gives the source of the function that writes a message: each field that is set, in the order of numbers, then unknown ones. */
export function encodeSource(plan: MessagePlan): string {
  const oneofs = plan.desc.oneofs;
  return `function write(writer, message, depth) {
${guards(plan)}
${oneofs.map((oneof, index) => openOneof(oneof, index)).join("\n")}
${plan.fields.map((field) => writeField(plan, field)).join("\n")}
${oneofs.map((oneof, index) => closeOneof(plan, oneof, index)).join("\n")}
if (message.$unknown !== undefined) writeUnknown(writer, message.$unknown);
}`;
}

/** Gives the statements that refuse a message of another type, or one nested too deep. */
export function guards(plan: MessagePlan): string {
  return `if (depth > ${MESSAGE_DEPTH_MAX}) refuseDepth(${plan.typeName});
const typeName = message.$typeName;
if (typeName !== ${plan.typeName} && typeName !== undefined) refuseType(${plan.typeName}, typeName);`;
}

function openOneof(oneof: DescOneof, index: number): string {
  return `const o${index} = ${property(oneof.localName)};
const c${index} = o${index} == null ? undefined : o${index}.case;
let w${index} = o${index} == null || (typeof o${index} === "object" && c${index} == null);`;
}

function closeOneof(plan: MessagePlan, oneof: DescOneof, index: number): string {
  return `if (!w${index}) ${refuseOneof(plan, oneof, `c${index} ?? o${index}`)}`;
}

/** Gives the statement that refuses a oneof without a proper case. */
export function refuseOneof(plan: MessagePlan, oneof: DescOneof, value: string): string {
  return `refuseCase(${plan.typeName}, ${literal(oneof.localName)}, ${value});`;
}

function writeField(plan: MessagePlan, field: FieldPlan): string {
  switch (field.desc.fieldKind) {
    case "list":
      return writeList(field, field.desc.packed);
    case "map":
      return writeMap(field);
    default:
      return field.desc.oneof ? writeOneofField(plan, field, field.desc.oneof) : writeSingular(plan, field);
  }
}

function writeOneofField(plan: MessagePlan, field: FieldPlan, oneof: DescOneof): string {
  const index = plan.desc.oneofs.indexOf(oneof);
  return `if (c${index} === ${literal(field.desc.localName)}) { w${index} = true; let value = o${index}.value; ${writeItem(field)} }`;
}

function writeSingular(plan: MessagePlan, field: FieldPlan): string {
  const { desc } = field;
  const read = `let value = ${property(desc.localName)};`;
  if (desc.presence === IMPLICIT) return `{ ${read} ${writeImplicit(plan, field)} }`;
  const otherwise = desc.presence === REQUIRED ? ` else refuseMissing(${field.ref});` : "";
  return `{ ${read} if (${isSet(plan, field, "value")}) { ${writeItem(field)} }${otherwise} }`;
}

/** A field that does not know whether it is set is written unless it holds the zero value; -0 is no zero. */
function writeImplicit(plan: MessagePlan, field: FieldPlan): string {
  const scalar = field.info.scalar as ScalarType;
  const write = `${writeTag(tagOf(field.desc, scalar))} ${writeScalar(scalar, "value")}`;
  const fit = makeFit(scalar, "value", field);
  if (scalar === ScalarType.BYTES) return `if (value != null) { ${fit} if (value.length > 0) { ${write} } }`;
  if (isLong(scalar)) return `if (value !== 0n && value != null) { ${fit} if (value !== 0n) { ${write} } }`;
  const zero = literal(plan.zero[field.desc.localName]);
  const isFloating = scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT;
  const differs = isFloating ? "!Object.is(value, 0)" : `value !== ${zero}`;
  return `if (${differs} && value != null) { ${fit} ${write} }`;
}

/** Gives the statements that write the tag and the content of `value`, one value of a field. */
function writeItem(field: FieldPlan, place?: string): string {
  const { desc, info } = field;
  if (info.scalar !== undefined && info.form === "scalar") {
    return `${makeFit(info.scalar, "value", { ref: field.ref, place })} ${writeTag(tagOf(desc, info.scalar))} ${writeScalar(info.scalar, "value")}`;
  }
  return `${toMessage(field, "value", place)} ${writeMessage(field)}`;
}

/** Gives the statements that check the value of a message field and turn it into the message that goes on the wire. */
function toMessage(field: FieldPlan, value: string, place?: string): string {
  const { form, scalar } = field.info;
  if (form === "wrapper" && scalar !== undefined) {
    return `${makeFit(scalar, value, { ref: field.ref, place })} ${value} = { value: ${value} };`;
  }
  const check = refuseNonObject(field, value, place);
  return form === "json" ? `${check} ${value} = structFromJson(${value}, depth + 1);` : check;
}

/** Gives the statement that refuses what can be no message. */
export function refuseNonObject(field: FieldPlan, value: string, place?: string): string {
  const list = field.info.form === "json" ? ` || Array.isArray(${value})` : "";
  const at = place === undefined ? "" : `, ${place}`;
  return `if (typeof ${value} !== "object" || ${value} === null${list}) refuse(${field.ref}, ${value}${at});`;
}

function writeMessage(field: FieldPlan): string {
  const write = `${field.child}.write(writer, value, depth + 1);`;
  if (isDelimited(field.desc)) {
    const tag = field.desc.number << 3;
    return `${writeTag((tag | WireType.startGroup) >>> 0)} ${write} ${writeTag((tag | WireType.endGroup) >>> 0)}`;
  }
  return `${writeTag(tagOf(field.desc, undefined))} const start = writer.begin(); ${write} writer.end(start);`;
}

/** Tells whether a field's messages lie between two tags rather than behind a length, as proto2's groups do. */
export function isDelimited(field: DescField): boolean {
  return "delimitedEncoding" in field && field.delimitedEncoding;
}

function writeList(field: FieldPlan, packed: boolean): string {
  const { scalar } = field.info;
  const each = (body: string) => `for (let i = 0; i < list.length; i++) { let value = list[i]; ${body} }`;
  let body = each(writeItem(field, "i"));
  if (packed && scalar !== undefined) {
    const item = `${makeFit(scalar, "value", { ref: field.ref, place: "i" })} ${writeScalar(scalar, "value")}`;
    const tag = writeTag(((field.desc.number << 3) | WireType.lengthDelimited) >>> 0);
    body = `if (list.length > 0) { ${tag} const start = writer.begin(); ${each(item)} writer.end(start); }`;
  }
  return `{ let list = ${property(field.desc.localName)};
if (list != null) { if (!Array.isArray(list)) list = fitList(${field.ref}, list); ${body} } }`;
}

function writeMap(field: FieldPlan): string {
  const keyScalar = field.info.mapKey as ScalarType;
  const key = keyScalar === ScalarType.STRING ? "name" : `fitKey(${field.ref}, name)`;
  return `{ const map = ${property(field.desc.localName)};
if (map != null) {
const names = mapKeys(${field.ref}, map);
for (let i = 0; i < names.length; i++) {
const name = names[i]; const key = ${key}; let value = map[name];
${writeTag(tagOf(field.desc, undefined))} const entry = writer.begin();
${writeTag(8 | wireTypeOf(keyScalar))} ${writeScalar(keyScalar, "key")}
${writeMapValue(field)}
writer.end(entry);
} } }`;
}

function writeMapValue(field: FieldPlan): string {
  const { scalar } = field.info;
  if (scalar === undefined) {
    const write = `${field.child}.write(writer, value, depth + 1);`;
    return `${toMessage(field, "value", "name")} writer.byte(18); const start = writer.begin(); ${write} writer.end(start);`;
  }
  const fit = makeFit(scalar, "value", { ref: field.ref, place: "name" });
  return `${fit} writer.byte(${16 | wireTypeOf(scalar)}); ${writeScalar(scalar, "value")}`;
}

function writeTag(tag: number): string {
  return tag < 0x80 ? `writer.byte(${tag});` : `writer.uint32(${tag});`;
}
