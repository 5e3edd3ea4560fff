import { OrreryError } from "@orrery/core";

/** A value as JSON that says what JSON cannot: an object with the one key `$` and a kind stands for such a thing. */
type Written = null | boolean | number | string | readonly Written[] | { readonly [key: string]: Written };

/** How to write a kind of object that is no plain data, and to make it again. */
export interface ValueKind {
  readonly kind: string;
  readonly is: (value: object) => boolean;
  readonly write: (value: never) => unknown;
  readonly read: (written: never) => unknown;
}

const ERRORS = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
/** Members of errors that programs look at. */
const ERROR_FIELDS = [
  "name",
  "code",
  "errno",
  "syscall",
  "path",
  "dest",
  "hostname",
  "address",
  "port",
  "stdout",
  "stderr",
];

const KINDS: readonly ValueKind[] = [
  {
    kind: "bytes",
    is: (value) => value instanceof Uint8Array,
    write: (value: Uint8Array) => [Buffer.isBuffer(value) ? "Buffer" : "Uint8Array", base64(value)],
    read: ([type, text]: [string, string]) => (type === "Buffer" ? fromBase64(text) : new Uint8Array(fromBase64(text))),
  },
  {
    kind: "buffer",
    is: (value) => value instanceof ArrayBuffer,
    write: (value: ArrayBuffer) => base64(new Uint8Array(value)),
    read: (text: string) => new Uint8Array(fromBase64(text)).buffer,
  },
  {
    kind: "date",
    is: (value) => value instanceof Date,
    write: (value: Date) => value.getTime(),
    read: (time: number) => new Date(time),
  },
  {
    kind: "map",
    is: (value) => value instanceof Map,
    write: entriesOf,
    read: (all: [unknown, unknown][]) => new Map(all),
  },
  { kind: "set", is: (value) => value instanceof Set, write: entriesOf, read: (all: unknown[]) => new Set(all) },
  { kind: "error", is: (value) => value instanceof Error, write: writeError, read: readError },
];

function entriesOf(value: Iterable<unknown>): unknown[] {
  return [...value];
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text, "base64") as Buffer<ArrayBuffer>;
}

function writeError(error: Error): unknown {
  const fields = ERROR_FIELDS.filter((field) => field in error).map((field) => [field, Reflect.get(error, field)]);
  return {
    type: error instanceof DOMException ? "DOMException" : error.constructor.name,
    message: error.message,
    fields: Object.fromEntries(fields) as unknown,
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  };
}

function readError(written: {
  type: string;
  message: string;
  fields: Record<string, unknown>;
  cause?: unknown;
}): Error {
  const { type, message, fields, cause } = written;
  if (type === "DOMException") return new DOMException(message, String(fields["name"]));
  const ErrorType = ERRORS.find(({ name }) => name === type) ?? Error;
  const error = new ErrorType(message, cause === undefined ? undefined : { cause });
  for (const [field, value] of Object.entries(fields))
    if (Reflect.get(error, field) !== value)
      Object.defineProperty(error, field, { value, writable: true, configurable: true, enumerable: field !== "name" });
  return error;
}

/** Writes values for a record, and reads them. */
export interface RecordCodec {
  /** @throws OrreryError `invalid_argument` for a value that has no written form, such as a socket or a function */
  write(value: unknown): Written;
  /** As `write`, but what has no written form is named by its class: for what is compared and never made again. */
  describe(value: unknown): Written;
  read(written: Written): unknown;
}

/** Makes a codec for plain data, bytes, errors, and the kinds that are given. */
export function createRecordCodec(more: readonly ValueKind[] = []): RecordCodec {
  const kinds = [...more, ...KINDS];
  const write = (value: unknown, path: string, isLoose: boolean): Written => {
    const simple = writeSimple(value);
    if (simple !== undefined) return simple;
    if (Array.isArray(value)) return value.map((item, index) => write(item, `${path}[${index}]`, isLoose));
    if (typeof value === "object" && value !== null) {
      const kind = kinds.find(({ is }) => is(value));
      if (kind !== undefined) return { $: kind.kind, value: write(kind.write(value as never), path, isLoose) };
      if (isPlain(value)) return writeFields(value, (field, key) => write(field, `${path}.${key}`, isLoose));
    }
    const type = typeof value === "object" && value !== null ? value.constructor.name : typeof value;
    if (isLoose) return { $: "other", value: type };
    throw new OrreryError(
      "invalid_argument",
      `Cannot record the result${path === "" ? "" : ` at "${path}"`}: a ${type} has no written form, give plain data, bytes or an error`,
    );
  };
  const read = (written: Written): unknown => {
    if (Array.isArray(written)) return written.map(read);
    if (typeof written !== "object" || written === null) return written;
    const { $: name, value } = written as { readonly $?: string; readonly value: Written };
    if (name === undefined) return readFields(written as { readonly [key: string]: Written }, read);
    if (name === "undefined") return undefined;
    if (name === "number") return Number(value);
    if (name === "bigint") return BigInt(value as string);
    if (name === "object") return readFields(value as { readonly [key: string]: Written }, read);
    const kind = kinds.find((candidate) => candidate.kind === name);
    if (kind === undefined)
      throw new OrreryError("invalid_argument", `Cannot read a record with "${name}": unknown kind`);
    return kind.read(read(value) as never);
  };
  return { write: (value) => write(value, "", false), describe: (value) => write(value, "", true), read };
}

function writeSimple(value: unknown): Written | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value === undefined) return { $: "undefined" };
  if (typeof value === "bigint") return { $: "bigint", value: String(value) };
  if (typeof value !== "number") return undefined;
  if (Object.is(value, -0)) return { $: "number", value: "-0" };
  return Number.isFinite(value) ? value : { $: "number", value: String(value) };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function writeFields(value: object, write: (field: unknown, key: string) => Written): Written {
  const fields = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, write(field, key)]));
  return "$" in fields ? { $: "object", value: fields } : fields;
}

function readFields(fields: { readonly [key: string]: Written }, read: (field: Written) => unknown): object {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, read(field)]));
}
