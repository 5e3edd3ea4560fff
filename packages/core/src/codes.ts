/** Codes of the Connect protocol: what a caller branches on. https://connectrpc.com/docs/protocol/#error-codes */
export const CODES = [
  "canceled",
  "unknown",
  "invalid_argument",
  "deadline_exceeded",
  "not_found",
  "already_exists",
  "permission_denied",
  "resource_exhausted",
  "failed_precondition",
  "aborted",
  "out_of_range",
  "unimplemented",
  "internal",
  "unavailable",
  "data_loss",
  "unauthenticated",
] as const;

/** A code from the closed list of the Connect protocol; it tells the caller to retry, mend the input, or give up. */
export type Code = (typeof CODES)[number];

const known: ReadonlySet<string> = new Set(CODES);

/** Tells whether text is one of the sixteen codes; a peer may send anything. */
export function isCode(text: string): text is Code {
  return known.has(text);
}
