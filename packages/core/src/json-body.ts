import type { StandardSchemaV1 } from "@standard-schema/spec";
import { cutCopy } from "./block.ts";
import type { BodyCodec } from "./contract.ts";
import { ISSUES_MAX, JSON_SHORT_MAX } from "./limits.ts";
import { failure } from "./orrery-error.ts";
import { copyPlainData } from "./plain-data.ts";
import { messageOf } from "./thrown-text.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NOTHING = new Uint8Array(0);

function unchecked<T>(vendor: string): StandardSchemaV1<T, T> {
  return { "~standard": { version: 1, vendor, validate: (value) => ({ value: value as T }) } };
}

const bytesSchema = unchecked<Uint8Array>("orrery.bytes");

/** Schema of a body that is raw bytes: a `Uint8Array`, carried as it is. */
export const bytes: StandardSchemaV1<Uint8Array, Uint8Array> = bytesSchema;

/** Schema of plain JSON of a type that is believed and not checked: for trying things, and where both sides are yours. */
export function json<T>(): StandardSchemaV1<T, T> {
  return unchecked<T>("orrery.json");
}

/** Tells whether a schema is `bytes`, also one of another copy of this package. */
export function isBytesSchema(schema: StandardSchemaV1): boolean {
  return schema["~standard"].vendor === "orrery.bytes";
}

/** Body codec of raw bytes. */
export const bytesBody: BodyCodec = {
  contentType: "application/octet-stream",
  encode: (value) => cutCopy(checkedBytes(value)), // The caller may write to its own while this one waits.
  copy: (value) => new Uint8Array(checkedBytes(value)), // `slice` of a Buffer would be a view of it.
  decode: (received) => received,
};

/** Body codec of JSON under a schema; without one, of a body that must be absent. */
export function jsonBody(schema: StandardSchemaV1 | undefined): BodyCodec {
  if (schema === undefined) return emptyBody;
  const codec: BodyCodec = {
    contentType: "application/json",
    encode: (value) => (value === undefined ? NOTHING : encodeText(JSON.stringify(copyPlainData(value)))),
    copy: (value) => (value === undefined ? undefined : copyPlainData(value)),
    decode: decodeJson,
  };
  return isUnchecked(schema) ? codec : { ...codec, check: (value) => validate(schema, value) };
}

function isUnchecked(schema: StandardSchemaV1): boolean {
  return schema["~standard"].vendor === "orrery.json";
}

const emptyBody: BodyCodec = {
  contentType: "application/json",
  encode: () => NOTHING,
  copy: () => undefined,
  decode: () => undefined,
};

/** Short ASCII text is written by hand: `TextEncoder` takes many times as long to begin. */
function encodeText(text: string): Uint8Array {
  const { length } = text;
  if (length > JSON_SHORT_MAX) return encoder.encode(text);
  const encoded = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return encoder.encode(text);
    encoded[index] = code;
  }
  return encoded;
}

function decodeJson(received: Uint8Array): unknown {
  if (received.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(received));
  } catch (cause) {
    throw failure("malformed", `Cannot read the JSON body: ${messageOf(cause)}`, { cause });
  }
}

function validate(schema: StandardSchemaV1, value: unknown): unknown | Promise<unknown> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(acceptedOf) : acceptedOf(result);
}

function acceptedOf(result: StandardSchemaV1.Result<unknown>): unknown {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.slice(0, ISSUES_MAX).map((issue) => ({ place: placeOf(issue), text: issue.message }));
  const text = issues.map((issue) => `${issue.place}: ${issue.text}`).join("; ");
  throw failure("malformed", `Cannot accept the body: ${text}`, { details: { issues } });
}

function placeOf(issue: StandardSchemaV1.Issue): string {
  const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return ["body", ...keys.map(String)].join(".");
}

function checkedBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw failure(
    "malformed",
    `Cannot send the body: the contract says bytes, got ${value === null ? "null" : typeof value}, pass a Uint8Array`,
  );
}
