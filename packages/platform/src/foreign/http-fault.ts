import { type Code, OrreryError } from "@orrery/core";
import { FOREIGN_FAULT_BYTES_MAX } from "./limits.ts";

/** What a status of HTTP says to a caller; what is missing here is the program's own fault. */
const CODES: Readonly<Record<number, Code>> = {
  400: "invalid_argument",
  401: "unauthenticated",
  403: "permission_denied",
  404: "not_found",
  405: "unimplemented",
  409: "aborted",
  412: "failed_precondition",
  413: "resource_exhausted",
  415: "invalid_argument",
  422: "invalid_argument",
  429: "resource_exhausted",
  501: "unimplemented",
  502: "unavailable",
  503: "unavailable",
  504: "deadline_exceeded",
};

/** The error that an answer with a status above 299 is, in the words of the program where it has some. */
export function faultOf(name: string, status: number, body: string): OrreryError {
  const code = CODES[status] ?? (status < 500 ? "failed_precondition" : "internal");
  const said = saidIn(body);
  return new OrreryError(code, `Cannot call "${name}": ${said === "" ? `it answered ${status}` : said}`);
}

function saidIn(body: string): string {
  const short = body.slice(0, FOREIGN_FAULT_BYTES_MAX).trim();
  try {
    const { message, error, detail } = JSON.parse(short) as Readonly<Record<string, unknown>>;
    const said = [message, error, detail].find((one) => typeof one === "string");
    return typeof said === "string" ? said : "";
  } catch {
    return short.startsWith("<") ? "" : (short.split("\n")[0] ?? "");
  }
}
