import type { Code } from "./codes.ts";

/** How a call ended when it did not end in a reply. */
export type FailureKind = "error" | "timeout" | "bounced" | "unreachable" | "cancelled" | "defect";

/** What a reason always means: the kind of outcome, its code, and whether the caller knows for certain what was done. */
export interface ReasonMeaning {
  readonly kind: FailureKind;
  readonly code: Code;
  /** Certainly never executed, or certainly finished. */
  readonly definite: boolean;
  readonly summary: string;
}

/**
 * Every reason that Orrery itself gives for an outcome, with its meaning. An error that a component declares has no reason.
 * The reference page `docs/reference/errors.md` lists the same rows; a test compares the two.
 */
export const REASONS = {
  timeout: {
    kind: "timeout",
    code: "deadline_exceeded",
    definite: false,
    summary: "no answer came within the time allowed",
  },
  expired: {
    kind: "bounced",
    code: "deadline_exceeded",
    definite: true,
    summary: "the time ran out before the message's turn came",
  },
  cancelled: { kind: "cancelled", code: "canceled", definite: false, summary: "the caller gave up" },
  withdrawn: {
    kind: "cancelled",
    code: "canceled",
    definite: true,
    summary: "the caller gave up before anything was sent",
  },
  closed: { kind: "cancelled", code: "canceled", definite: false, summary: "the caller's own node closed" },
  not_connected: {
    kind: "unreachable",
    code: "unavailable",
    definite: true,
    summary: "no connection could be made in time, nothing was sent",
  },
  connection_lost: {
    kind: "unreachable",
    code: "unavailable",
    definite: false,
    summary: "the connection broke while the answer was awaited",
  },
  no_such_component: {
    kind: "bounced",
    code: "not_found",
    definite: true,
    summary: "nobody serves a component of that name",
  },
  no_such_method: {
    kind: "bounced",
    code: "unimplemented",
    definite: true,
    summary: "the component has no method of that name",
  },
  no_such_version: {
    kind: "bounced",
    code: "not_found",
    definite: true,
    summary: "the component runs in other versions only",
  },
  no_such_instance: { kind: "bounced", code: "not_found", definite: true, summary: "the wanted instance is not here" },
  contract_mismatch: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the two sides hold different contracts",
  },
  mode_mismatch: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the method is of another mode",
  },
  malformed: {
    kind: "bounced",
    code: "invalid_argument",
    definite: true,
    summary: "the request does not fit the contract",
  },
  too_large: {
    kind: "bounced",
    code: "resource_exhausted",
    definite: true,
    summary: "the message is larger than the limit",
  },
  wire_version: {
    kind: "bounced",
    code: "unimplemented",
    definite: true,
    summary: "the message is of a newer wire format",
  },
  unknown_route: {
    kind: "bounced",
    code: "invalid_argument",
    definite: true,
    summary: "the message names a route that was not declared",
  },
  overloaded: { kind: "bounced", code: "resource_exhausted", definite: true, summary: "a bounded queue is full" },
  draining: { kind: "bounced", code: "unavailable", definite: true, summary: "the receiver is shutting down" },
  not_ready: {
    kind: "bounced",
    code: "unavailable",
    definite: true,
    summary: "the instance failed, or its node was not started",
  },
  call_cycle: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the call came back to an instance that waits for it",
  },
  call_too_deep: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the chain of calls is longer than the limit",
  },
  horizon_exceeded: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "every receiver lies beyond the message's horizon",
  },
  circuit_open: {
    kind: "bounced",
    code: "unavailable",
    definite: true,
    summary: "every receiver has failed too often lately, it is left alone for a while",
  },
  throttled: {
    kind: "bounced",
    code: "resource_exhausted",
    definite: true,
    summary: "a limit of rate or concurrency is reached",
  },
  dropped: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the message was beyond its horizon or a limit and let go, as it had been asked to be",
  },
  agent_refused: {
    kind: "bounced",
    code: "permission_denied",
    definite: true,
    summary: "the connection may not speak for that agent",
  },
  unsealed: {
    kind: "bounced",
    code: "failed_precondition",
    definite: true,
    summary: "the component takes sealed messages only",
  },
  bad_seal: {
    kind: "bounced",
    code: "unauthenticated",
    definite: true,
    summary: "the message's seal is not known to its receiver, or is not right for it",
  },
  handler_threw: {
    kind: "defect",
    code: "internal",
    definite: true,
    summary: "the handler threw something that is no declared error",
  },
  bad_reply: {
    kind: "defect",
    code: "internal",
    definite: true,
    summary: "the handler's reply does not fit the contract",
  },
  undecodable_reply: {
    kind: "defect",
    code: "internal",
    definite: true,
    summary: "the reply does not fit the contract as the caller knows it",
  },
  bad_seal_reply: {
    kind: "defect",
    code: "unauthenticated",
    definite: false,
    summary: "the answer's seal is missing or not right, so nobody knows who wrote it",
  },
  instance_crashed: {
    kind: "defect",
    code: "internal",
    definite: false,
    summary: "the instance crashed while it handled the message",
  },
  stopped: {
    kind: "unreachable",
    code: "unavailable",
    definite: false,
    summary: "the instance was stopped before it had handled the message",
  },
  not_kept: {
    kind: "unreachable",
    code: "unavailable",
    definite: false,
    summary: "the journal failed while the message was written, it may be handled or not",
  },
  stream_idle: {
    kind: "timeout",
    code: "deadline_exceeded",
    definite: false,
    summary: "the stream rested longer than its idle deadline",
  },
  stream_overrun: { kind: "defect", code: "internal", definite: false, summary: "more items came than were asked for" },
} as const satisfies Record<string, ReasonMeaning>;

/** Name of a reason from the closed table. */
export type Reason = keyof typeof REASONS;

/** Tells whether text names a reason of the table; a newer peer may send one that is not. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}
