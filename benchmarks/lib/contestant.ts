/** What one call carries there and back: opaque bytes, an order of three lines and two tags, or a reading of three fields. */
export type Work = { readonly kind: "bytes"; readonly bytes: number } | { readonly kind: "order" | "reading" };

/** A server that has started. */
export interface Served {
  /** What the client needs to find it, as text. */
  readonly place: string;
  /** Process of a broker in between, whose CPU time counts too. */
  readonly brokerPid?: number;
}

/** One call, ready to be made again and again. */
export interface PreparedCall {
  /** Makes the call. Rejects when it fails, which ends the window. */
  readonly call: () => Promise<unknown>;
  /** Whether a reply is what the work must give; asked once in each cell. */
  readonly accepts: (reply: unknown) => boolean;
  /** Tells a failure that comes as a value, where the call does not reject; it ends the window too. Default: there is none. */
  readonly failureOf?: (reply: unknown) => string | undefined;
}

/** A client that is connected, or that needs no server. */
export interface Connected {
  /** @throws Error for a work that this contestant does not do. */
  prepare(work: Work): PreparedCall;
}

/**
 * One way to call from process to process, or within one. Both sides run in processes of their own, which end without being asked: what
 * they open, the end of the process closes.
 */
export interface Contestant {
  /** Starts the server side; absent for calls within a process. */
  serve?(): Promise<Served>;
  /** Starts the client side. */
  connect(place: string): Promise<Connected>;
}

/** What a file in `contestants/` exports as `contestant`: makes the contestant in one of its variants. */
export type ContestantFactory = (variant: string) => Contestant;
