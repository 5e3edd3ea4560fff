import { type Code, isCode } from "./codes.ts";
import type { WireFailure } from "./envelope.ts";
import { ERROR_DETAILS_MAX, ERROR_TEXT_MAX } from "./limits.ts";
import { type ErrorDetails, failure, isOrreryError, OrreryError } from "./orrery-error.ts";
import { copyPlainData } from "./plain-data.ts";
import { isReason } from "./reasons.ts";
import { messageOf } from "./thrown-text.ts";

/** Writes an error as it crosses the wire: code, text and details within their bounds, never a stack or a cause. */
export function failureToWire(error: OrreryError, where: string): WireFailure {
  return {
    kind: error.kind,
    code: error.code,
    reason: error.reason ?? "",
    message: error.message.length <= ERROR_TEXT_MAX ? error.message : `${error.message.slice(0, ERROR_TEXT_MAX)}…`,
    definite: error.definite,
    where: error.where === "" ? where : error.where,
    details: Object.keys(error.details).length === 0 ? "" : detailsText(error.details),
  };
}

/** Reads an error that came from a peer; what a peer may have got wrong is taken for the least it can mean. */
export function failureFromWire(wire: WireFailure): OrreryError {
  const code: Code = isCode(wire.code) ? wire.code : "unknown";
  return new OrreryError(code, wire.message, {
    kind: wire.kind,
    definite: wire.definite,
    where: wire.where,
    details: readDetails(wire.details),
    ...(isReason(wire.reason) ? { reason: wire.reason } : {}),
  });
}

/**
 * Turns whatever a handler threw into the error that its caller is told. A declared error goes as it is; the outcome of a call
 * that the handler made becomes an error of the handler's own, which has certainly finished; anything else stays in the log.
 */
export function failureOfHandler(thrown: unknown, method: string): OrreryError {
  if (isOrreryError(thrown)) {
    if (thrown.kind === "error") return thrown;
    return new OrreryError(thrown.code, `Cannot finish "${method}": ${thrown.message}`, {
      details: thrown.details,
      cause: thrown,
    });
  }
  return failure("handler_threw", `Cannot finish "${method}": its handler failed, the log of its node tells why`, {
    cause: thrown,
  });
}

/** Details come from the code of components, so they may be anything. What cannot be sent is replaced by why. */
function detailsText(details: unknown): string {
  let why: string;
  try {
    const text = JSON.stringify(copyPlainData(details, "details"));
    if (text.length <= ERROR_DETAILS_MAX) return text;
    why = `they have ${text.length} characters, the limit is ${ERROR_DETAILS_MAX}`;
  } catch (thrown) {
    why = messageOf(thrown);
  }
  return JSON.stringify({ unsendable: why });
}

function readDetails(text: string): ErrorDetails {
  if (text === "") return {};
  try {
    const details: unknown = JSON.parse(text);
    return typeof details === "object" && details !== null && !Array.isArray(details) ? (details as ErrorDetails) : {};
  } catch {
    return {};
  }
}
