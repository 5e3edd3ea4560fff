import { type JsonValue, OrreryError } from "@orrery/core";
import { overlay } from "./flag-tree.ts";
import { assertDepth, type ExactJson, isObject, type Json, parseExact, type Refuse } from "./json.ts";
import { readFlags } from "./read-flags.ts";
import { type MethodJsonSchema, type MethodOf, type RequestForm, requestForm } from "./request-form.ts";

/** What a request is read from. */
export interface ReadFieldsOptions extends MethodOf {
  /** JSON Schemas of a contract of schemas; protobuf needs none. Default: those of the contract itself. */
  readonly schema?: MethodJsonSchema;
  /** Arguments after service and method, without the command's own flags. */
  readonly args: readonly string[];
  /** The request as JSON, that flags are laid over: text, in which 64-bit integers stay exact, or JSON parsed. Default: none. */
  readonly base?: string | JsonValue;
  /** Reads the file that `--photo=@cat.png` names. Default: files are refused. */
  readonly readFile?: (path: string) => Uint8Array;
}

/** What was read. */
export interface ReadFieldsResult {
  /** In the form that `client[method](request)` takes. */
  readonly request: unknown;
}

/**
 * Makes the request of a method from flags, laid over JSON if there is some; flags win.
 *
 * - `--field=value` or `--field value`; the second form takes no value that begins with `--`. A bool stands alone or after `--no-`. `--` ends.
 * - A name is written as in JSON (`lineItems`), as in the contract (`line_items`), or as `line-items`. Only dots nest: `--order.customer=x`.
 * - A list: the flag repeated, or one JSON list, or numbered items (`--lines.0.sku=x`, in any order, no gap). Commas mean nothing.
 * - A map: `--labels.KEY=value`; a key with "=", or with dots where more of the path follows, stands in quotes: `--places."a.b".name=x`.
 * - A message or map whole: a JSON object. Well-known types: their JSON forms. Bytes: base64, or `@` and a file's path.
 * - A string is what it is: nothing in it is special. Where nothing is known, a text that is JSON is that JSON, and any other a string.
 *
 * @throws OrreryError `invalid_argument` that names the flag, the value and what would work.
 */
export function readFields(options: ReadFieldsOptions): ReadFieldsResult {
  const { service, method, args } = options;
  const where = `${service.name}.${method.name}`;
  const form = requestForm(options, options.schema);
  const base = readBase(options.base, { form, where });
  const tree = readFlags(args, { shape: form.shape, where, readFile: options.readFile ?? noFiles });
  const refuse: Refuse = (why) => new OrreryError("invalid_argument", `Cannot read the request of ${where}: ${why}`);
  if (tree.parts.size > 0 && form.wrap === undefined && base !== undefined && !isObject(base)) {
    throw refuse("its JSON is no object, so flags cannot set its fields, use one of the two");
  }
  const json = tree.parts.size === 0 ? base : unwrapped(overlay(wrapped(base, form), tree), form);
  try {
    return { request: form.toRequest(json) };
  } catch (cause) {
    if (cause instanceof OrreryError) throw cause;
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
}

function readBase(base: string | JsonValue | undefined, at: { form: RequestForm; where: string }): Json | undefined {
  if (base === undefined) return undefined;
  const refuse: Refuse = (why) => new OrreryError("invalid_argument", `Cannot read the JSON of ${at.where}: ${why}`);
  const json: ExactJson | undefined = typeof base === "string" ? parseExact(base, refuse) : base;
  if (json === undefined) throw refuse("it is no JSON, write an object such as {} in it");
  assertDepth(json, refuse);
  return at.form.shape.readJson(json, refuse);
}

function wrapped(json: Json | undefined, { wrap }: RequestForm): Json | undefined {
  return wrap === undefined || json === undefined ? json : { [wrap]: json };
}

function unwrapped(json: Json, { wrap }: RequestForm): Json | undefined {
  return wrap !== undefined && isObject(json) ? json[wrap] : json;
}

function noFiles(): never {
  throw new Error("files are not read here");
}
