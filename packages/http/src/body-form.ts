import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { failure, messageOf } from "@orrery/core/internal";
import { placeExactIntegers } from "./exact-integers.ts";
import type { ExposedMethod } from "./exposure.ts";
import { parseJson } from "./json-text.ts";

/** How the values of a method look in one media type. */
export interface BodyForm {
  readonly contentType: string;
  /** Reads a request. @throws OrreryError `malformed`. */
  read(bytes: Uint8Array): unknown;
  /** Writes a reply or an item. */
  write(value: unknown): Uint8Array;
}

/** What reading depends on besides the method. */
export interface FormOptions {
  /** Types for `google.protobuf.Any`. */
  readonly registry: Registry;
  /** A Connect client may have a newer contract, whose fields are skipped; what a person wrote is held to the letter. */
  readonly ignoreUnknownFields: boolean;
}

/** A form that is text. */
export interface TextForm extends BodyForm {
  /** The very text that `write` writes in UTF-8, which takes several times as long for a short one. */
  writeText(value: unknown): string;
}

const JSON_TYPE = "application/json";
const PROTO_TYPE = "application/proto";
const BYTES_TYPE = "application/octet-stream";

const encoder = new TextEncoder();

/** Media types that a request of a method may have. */
export function requestTypes({ desc, method }: ExposedMethod): readonly string[] {
  if (desc !== undefined) return [JSON_TYPE, PROTO_TYPE];
  return method.request.contentType === BYTES_TYPE ? [BYTES_TYPE, JSON_TYPE] : [JSON_TYPE];
}

/** The form of a method's values in a media type that `requestTypes` lists. */
export function bodyForm(exposed: ExposedMethod, contentType: string, options: FormOptions): BodyForm {
  if (exposed.desc === undefined) return schemaForm(exposed, contentType);
  return contentType === PROTO_TYPE ? binaryForm(exposed) : protobufJsonForm(exposed, options);
}

/** The form of a method's values where only JSON goes: bytes are base64 text. */
export function jsonForm(exposed: ExposedMethod, options: FormOptions): BodyForm {
  if (exposed.desc !== undefined) return protobufJsonForm(exposed, options);
  const { request } = exposed.method;
  return {
    contentType: JSON_TYPE,
    read: (bytes) => (request.contentType === BYTES_TYPE ? readBase64(bytes, exposed.name) : readJson(bytes, exposed)),
    write: (value) =>
      writeJson(
        value instanceof Uint8Array
          ? Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64")
          : value,
      ),
  };
}

/** The form of a method's values in JSON; undefined where its replies are bytes. */
export function textForm(exposed: ExposedMethod, options: FormOptions): TextForm | undefined {
  if (exposed.desc !== undefined) return protobufJsonForm(exposed, options);
  const form = schemaForm(exposed, JSON_TYPE);
  return form.contentType === JSON_TYPE ? { ...form, writeText: jsonTextOf } : undefined;
}

function schemaForm(exposed: ExposedMethod, contentType: string): BodyForm {
  const { request, reply } = exposed.method;
  const isBytes = reply.contentType === BYTES_TYPE;
  return {
    contentType: isBytes ? BYTES_TYPE : JSON_TYPE,
    read(bytes) {
      if (request.contentType !== BYTES_TYPE) return readJson(bytes, exposed);
      return contentType === BYTES_TYPE ? bytes : readBase64(bytes, exposed.name);
    },
    write: isBytes ? (value) => value as Uint8Array : writeJson,
  };
}

function readJson(bytes: Uint8Array, { name }: ExposedMethod): unknown {
  return bytes.length === 0 ? undefined : parseJson(bytes, name); // The schema says whether nothing will do.
}

function readBase64(bytes: Uint8Array, name: string): Uint8Array {
  const text = parseJson(bytes, name);
  if (typeof text === "string" && /^[A-Za-z0-9+/_-]*={0,2}$/.test(text))
    return new Uint8Array(Buffer.from(text, "base64"));
  throw failure(
    "malformed",
    `Cannot read the body of "${name}": its contract says bytes, send base64 text or ${BYTES_TYPE}`,
  );
}

// What a schema made of a value may hold more than JSON: dates have their own text, big integers are written as strings.
function writeJson(value: unknown): Uint8Array {
  return encoder.encode(jsonTextOf(value));
}

function jsonTextOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null"; // Without a function to ask about each part, which takes several times as long.
  } catch {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "null";
  }
}

function protobufJsonForm(exposed: ExposedMethod, { registry, ignoreUnknownFields }: FormOptions): TextForm {
  const { input, output } = messagesOf(exposed);
  const writeText = (value: unknown) => JSON.stringify(toJson(output, whole(output, value), { registry }));
  return {
    contentType: JSON_TYPE,
    read(bytes) {
      const value = parseJson(bytes, exposed.name, (parsed) => placeExactIntegers(parsed, input)) as JsonValue;
      return guarded(exposed, () => fromJson(input, value, { registry, ignoreUnknownFields }));
    },
    write: (value) => encoder.encode(writeText(value)),
    writeText,
  };
}

function binaryForm(exposed: ExposedMethod): BodyForm {
  const { input, output } = messagesOf(exposed);
  return {
    contentType: PROTO_TYPE,
    read: (bytes) => guarded(exposed, () => fromBinary(input, bytes)),
    write: (value) => toBinary(output, whole(output, value)),
  };
}

function messagesOf({ desc, name }: ExposedMethod): { input: DescMessage; output: DescMessage } {
  if (desc === undefined) throw new TypeError(`"${name}" has no descriptor`);
  return desc;
}

/** Of modes async and broadcast there is no reply; their message is empty. */
function whole(output: DescMessage, value: unknown) {
  return value === undefined ? create(output) : (value as ReturnType<typeof create>);
}

function guarded<T>({ name }: ExposedMethod, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const text = messageOf(cause).replace(/^cannot decode (\w+) (\S+) from (?:JSON|binary): /, "$1 $2: ");
    throw failure("malformed", `Cannot read the body of "${name}": ${text}`, { cause });
  }
}
