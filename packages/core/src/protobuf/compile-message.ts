import type { DescMessage } from "@bufbuild/protobuf";
import { copySource } from "./copy-source.ts";
import { decodeSource } from "./decode-source.ts";
import { encodeSource } from "./encode-source.ts";
import { evaluate } from "./evaluate.ts";
import { type MessageCode, type MessagePlan, messagePlan } from "./message-plan.ts";
import { copyJson, jsonFromStruct, structFromJson } from "./struct-json.ts";
import { copyUnknown, keepEnum, readUnknown, writeUnknown } from "./unknown-fields.ts";
import * as checks from "./value-check.ts";

const compiled = new WeakMap<DescMessage, MessageCode>();

/** What the text of every message type may call. */
const HELPERS: Readonly<Record<string, unknown>> = {
  ...checks,
  copyJson,
  jsonFromStruct,
  structFromJson,
  copyUnknown,
  keepEnum,
  readUnknown,
  writeUnknown,
  hasOwn: Object.hasOwn,
  EMPTY: new Uint8Array(0),
};

/**
 * Gives the code that writes, reads and copies messages of a type, compiled on first use together with that of the types within it.
 * Must not be called where compiling is forbidden; see `mayEvaluate`.
 */
export function compileMessage(desc: DescMessage): MessageCode {
  const known = compiled.get(desc);
  if (known) return known;
  const code: MessageCode = { write: unready, read: unready, copy: unready };
  // Before the types within, for they may lead back to this one.
  compiled.set(desc, code);
  const plan = messagePlan(desc);
  return Object.assign(code, evaluate(messageSource(plan), scopeOf(plan)));
}

function unready(): never {
  throw new Error("Cannot run a message's code: it is still being compiled");
}

/** Gives the text that is compiled for a type. Names and values from outside stand in it as JSON text or numbers only. */
export function messageSource(plan: MessagePlan): string {
  const messageClass =
    plan.defaults === undefined
      ? ""
      : `function Message() { this.$typeName = ${plan.typeName}; }\nMessage.prototype = defaults;`;
  return `${messageClass}
return { write: ${encodeSource(plan)}, read: ${decodeSource(plan)}, copy: ${copySource(plan)} };`;
}

function scopeOf(plan: MessagePlan): Record<string, unknown> {
  const scope: Record<string, unknown> = { ...HELPERS, defaults: plan.defaults };
  for (const field of plan.fields) scope[field.ref] = field.info;
  for (const [index, child] of plan.children.entries()) scope[`p${index}`] = compileMessage(child);
  return scope;
}
