/** A field of a header. */
export type GuestHeader = readonly [name: string, value: string];

/** A message to a mechtron, or from one to a service; what is absent is empty. */
export interface GuestRequest {
  /** Name of the service; empty for a request of HTTP. */
  readonly service: string;
  /** Method of the service, or HTTP's. */
  readonly method: string;
  /** Path and query of a request of HTTP. */
  readonly path: string;
  readonly headers: readonly GuestHeader[];
  readonly contentType: string;
  readonly body: Uint8Array;
  /** On whose behalf it was sent. */
  readonly agent: string;
  /** The host's time in ms since 1970. */
  readonly nowMs: number;
  /** Time that is left for the answer, in ms; 0 for none given. */
  readonly budgetMs: number;
}

/** Why there is no answer. */
export interface GuestFailure {
  /** A code of Connect's list, such as `not_found`. */
  readonly code: string;
  readonly message: string;
  /** A reason of Orrery's own, such as `call_cycle`; empty for an error that a service declared. */
  readonly reason: string;
  /** Plain JSON; empty for none. */
  readonly details: string;
  /** Whether the message was certainly not executed, or its execution has certainly ended. */
  readonly definite: boolean;
}

/** The answer to a request. */
export interface GuestReply {
  /** Status of an answer to HTTP; 0 means 200. */
  readonly status: number;
  readonly headers: readonly GuestHeader[];
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly failure: GuestFailure | undefined;
  /** The host's time in ms since 1970, in answers to a mechtron. */
  readonly nowMs: number;
}

const NOTHING = new Uint8Array(0);

/** Makes a request of what is said of it. */
export function guestRequest(parts: Partial<GuestRequest>): GuestRequest {
  return {
    service: "",
    method: "",
    path: "",
    headers: [],
    contentType: "",
    body: NOTHING,
    agent: "",
    nowMs: 0,
    budgetMs: 0,
    ...parts,
  };
}

/** Makes a reply of what is said of it. */
export function guestReply(parts: Partial<GuestReply>): GuestReply {
  return { status: 0, headers: [], contentType: "", body: NOTHING, failure: undefined, nowMs: 0, ...parts };
}

/** Makes a reply that says why there is none; it is definite unless `parts` say otherwise. */
export function failedReply(parts: Partial<GuestFailure> & { readonly code: string }): GuestReply {
  return guestReply({ failure: { message: "", reason: "", details: "", definite: true, ...parts } });
}
