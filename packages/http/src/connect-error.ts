import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { type Struct, StructSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { codeFromString, codeToString } from "@connectrpc/connect/protocol-connect";
import { type Code, type ErrorDetails, type FailureKind, OrreryError, REASONS, type Reason } from "@orrery/core";

/**
 * Turns an error of Orrery into one of Connect: same code and text, and one detail of type `google.protobuf.Struct` with `kind`,
 * `reason`, `definite`, `where` and `details`. Nothing of its cause or stack goes along.
 */
export function toConnectError(error: OrreryError): ConnectError {
  const { kind, reason, definite, where, details } = error;
  const facts: Record<string, unknown> = { kind, definite };
  if (reason !== undefined) facts["reason"] = reason;
  if (where !== "") facts["where"] = where;
  if (Object.keys(details).length > 0) facts["details"] = details;
  const value = structOf(facts) ?? structOf({ ...facts, details: {} });
  return new ConnectError(
    error.message,
    codeFromString(error.code),
    undefined,
    value === undefined ? [] : [{ desc: StructSchema, value }],
  );
}

// Untyped code may put into details what JSON cannot carry; the error itself must arrive all the same.
function structOf(facts: object): Struct | undefined {
  try {
    return fromJson(StructSchema, JSON.parse(JSON.stringify(facts)) as JsonObject);
  } catch {
    return undefined;
  }
}

/**
 * Turns an error that a Connect client caught into the one that the door was given, as far as it tells: an error from elsewhere has
 * no reason, and counts as finished where its code is not `unavailable`, `deadline_exceeded` or `canceled`.
 */
export function fromConnectError(error: ConnectError): OrreryError {
  const code = codeToString(error.code) as Code;
  const facts = error.findDetails(StructSchema).map((detail) => toJson(StructSchema, detail) as JsonObject)[0] ?? {};
  const { reason, where, details } = facts;
  return new OrreryError(code, error.rawMessage, {
    kind: kindOf(facts["kind"]),
    definite: typeof facts["definite"] === "boolean" ? facts["definite"] : !UNSURE.has(code),
    cause: error,
    ...(typeof where === "string" ? { where } : {}),
    ...(typeof reason === "string" && Object.hasOwn(REASONS, reason) ? { reason: reason as Reason } : {}),
    ...(typeof details === "object" && details !== null ? { details: details as ErrorDetails } : {}),
  });
}

const UNSURE: ReadonlySet<Code> = new Set<Code>(["unavailable", "deadline_exceeded", "canceled", "unknown"]);

const KINDS: ReadonlySet<unknown> = new Set(["error", "timeout", "bounced", "unreachable", "cancelled", "defect"]);

function kindOf(kind: unknown): FailureKind {
  return KINDS.has(kind) ? (kind as FailureKind) : "error";
}
