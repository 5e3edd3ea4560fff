import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Service } from "./contract.ts";
import { defineService, type MethodSchema } from "./contract-schema.ts";
import type { HorizonScope, Mode } from "./envelope.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Component, Method } from "./gen/orrery/control/v1/control_pb.ts";
import { bytes } from "./json-body.ts";
import { OrreryError } from "./orrery-error.ts";
import { messageOf } from "./thrown-text.ts";

const BYTES = "application/octet-stream";
const JSON_TYPE = "application/json";

/**
 * Makes a service that can be called from what a node says of one of its components (`node.describe(address)`), with no code of it
 * at hand. A protobuf contract is whole. One of schemas keeps names, modes, options and JSON Schemas, and checks nothing: the
 * receiver validates every request.
 * @throws OrreryError `invalid_argument` when the description cannot be read, or says what this version does not know.
 */
export async function serviceFromDescription(component: Component): Promise<Service> {
  return component.descriptors.length > 0 ? await protobufService(component) : schemaService(component);
}

/** Loads the descriptor of descriptors now: only what calls strangers needs it. */
async function protobufService(component: Component): Promise<Service> {
  const { findService } = await import("./file-descriptors.ts");
  try {
    const service = findService(component.descriptors, component.name);
    if (service !== undefined) return service;
  } catch (cause) {
    throw unreadable(component, messageOf(cause), cause);
  }
  throw unreadable(component, "its descriptors do not have the service");
}

function schemaService(component: Component): Service {
  try {
    return defineService(
      component.name,
      Object.fromEntries(component.methods.map((method) => [method.name, methodSchema(component, method)])),
    );
  } catch (cause) {
    throw unreadable(component, messageOf(cause), cause);
  }
}

function methodSchema(component: Component, method: Method): MethodSchema {
  const base = {
    request: method.contentType === BYTES ? bytes : believed(method.requestSchema),
    idempotent: method.idempotent,
    horizon: (method.horizon === "" ? "any" : method.horizon) as HorizonScope,
    timeoutMs: method.timeoutMs,
    summary: method.summary,
  };
  const mode = method.mode as Mode; // `defineService` refuses any other word.
  if (mode === "async") return { ...base, mode, keep: method.keep };
  if (mode === "broadcast") return { ...base, mode };
  return { ...base, mode, reply: repliesBytes(component, method) ? bytes : believed(method.replySchema) };
}

// A description does not tell the media type of replies, but the fingerprint is taken over it.
function repliesBytes(component: Component, method: Method): boolean {
  const described = method.fingerprint.toString(16).padStart(16, "0");
  const withReply = (reply: string) =>
    fingerprint([component.name, method.name, method.mode, method.contentType, reply]);
  return described !== withReply(JSON_TYPE) && described === withReply(BYTES);
}

/** A schema that checks nothing and still tells the JSON Schema it was described by. */
function believed(jsonSchema: string): StandardSchemaV1 {
  const validate = (value: unknown) => ({ value });
  if (jsonSchema === "") return { "~standard": { version: 1, vendor: "orrery.described", validate } };
  const schema: unknown = JSON.parse(jsonSchema);
  const tell = () => schema;
  const told = { version: 1, vendor: "orrery.described", validate, jsonSchema: { input: tell, output: tell } } as const;
  return { "~standard": told };
}

function unreadable(component: Component, why: string, cause?: unknown): OrreryError {
  return new OrreryError("invalid_argument", `Cannot use component "${component.name}" as described: ${why}`, {
    cause,
  });
}
