/**
 * Closes bodies so that only who holds its key reads them, and notices every change. A node calls it for what leaves its process and what
 * comes from another; gateways and captures see sealed bytes alone. Both are called on the path of each message: at once, no promises.
 */
export interface Seal {
  /** What a message says that it is sealed by, so the same at both sides: 1 to 64 letters, digits, dots, dashes or underscores. */
  readonly name: string;
  /**
   * Gives sealed bytes that hold `body`, in a buffer of their own. `about` is what the body belongs to (message, method, direction, agent): it
   * is not sent, but has to be the same when it is opened; it is written over after the call. Must not throw.
   */
  seal(body: Uint8Array, about: Uint8Array): Uint8Array;
  /** Gives the body in a buffer of its own, or nothing when it was not sealed with a known key, or about something else. Must not throw. */
  open(sealed: Uint8Array, about: Uint8Array): Uint8Array | undefined;
}

/** Seals of a node. In patterns of components `*` stands for any characters. Within its process nothing is sealed, or has to be. */
export interface SealOptions {
  /** Seals that it knows: what is sealed by one of them is opened here. */
  readonly known: readonly Seal[];
  /** What it sends sealed: pattern of components, and the seal's name. The first that fits counts. Default: nothing. */
  readonly use?: Readonly<Record<string, string>>;
  /** Components of its own that take only messages that are sealed: pattern, and the seal's name. The first that fits counts. Default: none. */
  readonly insist?: Readonly<Record<string, string>>;
}
