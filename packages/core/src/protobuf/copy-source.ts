import { type DescField, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { zeroOf } from "./decode-source.ts";
import { guards, refuseNonObject, refuseOneof } from "./encode-source.ts";
import { type FieldPlan, isSet, literal, type MessagePlan, property } from "./message-plan.ts";
import { copyOfScalar, makeFit } from "./scalar-source.ts";

/** `FeatureSet.FieldPresence` of protobuf: a field that must be set. */
const REQUIRED = 3;

/**
 * Gives the source of the function that copies a message into what encoding and decoding would make of it: members that always exist
 * are gathered first and put into one object literal, then come those that may be absent.
 */
export function copySource(plan: MessagePlan): string {
  const names = Object.keys(plan.zero).filter((name) => name !== "$typeName");
  const locals = new Map(names.map((name, index) => [name, `v${index}`]));
  const optional = plan.fields.filter((field) => !field.desc.oneof && !locals.has(field.desc.localName));
  return `function copy(message, depth) {
${guards(plan)}
${names.map((name) => gather(plan, name, locals.get(name) as string)).join("\n")}
${construct(plan, locals)}
${optional.map((field) => copyOptional(plan, field)).join("\n")}
if (message.$unknown !== undefined) copied.$unknown = copyUnknown(message.$unknown);
return copied;
}`;
}

function construct(plan: MessagePlan, locals: ReadonlyMap<string, string>): string {
  const entries = [...locals];
  if (plan.defaults === undefined) {
    const members = entries.map(([name, local]) => `, ${literal(name)}: ${local}`).join("");
    return `const copied = { $typeName: ${plan.typeName}${members} };`;
  }
  return `const copied = new Message(); ${entries.map(([name, local]) => `copied[${literal(name)}] = ${local};`).join(" ")}`;
}

/** Gives the statements that put the copy of a member that always exists into a variable. */
function gather(plan: MessagePlan, name: string, local: string): string {
  const oneof = plan.desc.oneofs.find((candidate) => candidate.localName === name);
  if (oneof) return gatherOneof(plan, oneof, local);
  const field = plan.fields.find((candidate) => candidate.desc.localName === name) as FieldPlan;
  if (field.desc.fieldKind === "list") return gatherList(field, local);
  if (field.desc.fieldKind === "map") return gatherMap(field, local);
  const scalar = field.info.scalar as ScalarType;
  const zero = zeroOf(plan, name);
  return `let ${local} = ${property(name)};
if (${local} == null) ${local} = ${zero}; else { ${makeFit(scalar, local, field)} ${local} = ${copyOfScalar(field.info, local)}; }`;
}

function gatherOneof(plan: MessagePlan, oneof: DescOneof, local: string): string {
  const fields = plan.fields.filter((field) => field.desc.oneof === oneof);
  const cases = fields.map((field) => {
    const name = literal(field.desc.localName);
    return `case ${name}: { let value = ${local}.value; ${copyItem(field)} ${local} = { case: ${name}, value }; break; }`;
  });
  return `let ${local} = ${property(oneof.localName)};
switch (${local} == null ? undefined : typeof ${local} === "object" ? ${local}.case : false) {
${cases.join("\n")}
case undefined: case null: ${local} = { case: undefined }; break;
default: ${refuseOneof(plan, oneof, `${local}.case ?? ${local}`)}
}`;
}

function gatherList(field: FieldPlan, local: string): string {
  return `let ${local} = ${property(field.desc.localName)};
if (${local} == null) ${local} = []; else {
${local} = Array.isArray(${local}) ? [...${local}] : fitList(${field.ref}, ${local});
for (let i = 0; i < ${local}.length; i++) { let value = ${local}[i]; ${copyItem(field, "i")} ${local}[i] = value; }
}`;
}

function gatherMap(field: FieldPlan, local: string): string {
  const isText = field.info.mapKey === ScalarType.STRING;
  const set = isText ? `setEntry(${local}, name, value);` : `${local}[fitKey(${field.ref}, name)] = value;`;
  return `const ${local} = {};
{ const map = ${property(field.desc.localName)};
if (map != null) { const names = mapKeys(${field.ref}, map);
for (let i = 0; i < names.length; i++) { const name = names[i]; let value = map[name]; ${copyItem(field, "name")} ${set} }
} }`;
}

function copyOptional(plan: MessagePlan, field: FieldPlan): string {
  const name = field.desc.localName;
  const otherwise = isRequired(field.desc) ? ` else refuseMissing(${field.ref});` : "";
  const set = `copied[${literal(name)}] = value;`;
  return `{ let value = ${property(name)}; if (${isSet(plan, field, "value")}) { ${copyItem(field)} ${set} }${otherwise} }`;
}

function isRequired(field: DescField): boolean {
  return field.presence === REQUIRED;
}

/** Gives the statements that replace `value`, one value of a field, by its copy. */
function copyItem(field: FieldPlan, place?: string): string {
  const { form, scalar } = field.info;
  if (scalar !== undefined) {
    const copied = copyOfScalar(field.info, "value");
    const fit = makeFit(scalar, "value", { ref: field.ref, place });
    return copied === "value" ? fit : `${fit} value = ${copied};`;
  }
  const copy = form === "json" ? "copyJson(value, depth + 1)" : `${field.child}.copy(value, depth + 1)`;
  return `${refuseNonObject(field, "value", place)} value = ${copy};`;
}
