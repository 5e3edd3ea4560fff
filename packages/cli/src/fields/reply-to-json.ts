import { type Message, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { type JsonValue, OrreryError } from "@orrery/core";
import { descriptorOf, type MethodOf, registryOf } from "./request-form.ts";

/**
 * Gives a reply, or an item of a stream, as JSON: by the JSON mapping of protobuf, with 64-bit integers as text, and with fields that are
 * zero or empty unless their absence means something; a JSON reply as it is; raw bytes as base64; none as null.
 * @throws OrreryError `internal` when it has no JSON, such as a time out of range or an Any of a type that the contract does not tell.
 */
export function replyToJson(of: MethodOf, value: unknown): JsonValue {
  const descriptor = descriptorOf(of);
  if (value === undefined || value === null) return null;
  if (descriptor === undefined) return value instanceof Uint8Array ? base64Encode(value) : (value as JsonValue);
  const registry = registryOf(of);
  try {
    // On the wire zero is left out; somebody who reads the reply wants to see it.
    const options = { alwaysEmitImplicit: true, ...(registry === undefined ? {} : { registry }) };
    return toJson(descriptor.output, value as Message, options);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrreryError("internal", `Cannot print the reply of ${of.service.name}.${of.method.name}: ${why}`, {
      cause,
    });
  }
}
