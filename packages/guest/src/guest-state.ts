/**
 * What a stateful mechtron remembers from message to message: values by key. What a message sets is safe before its reply is given, all of
 * it or nothing; a message that fails sets nothing. Where the mechtron is stateless, it is gone with the message.
 */
export interface GuestState {
  /** The value of a key, undefined for none: a `Uint8Array` where one was set, anything else as plain JSON. */
  get<T = unknown>(key: string): Promise<T | undefined>;
  /** @throws GuestError `resource_exhausted` when the state would be larger than it may be, `invalid_argument` for a key that is none. */
  set(key: string, value: unknown): Promise<void>;
  /** Forgets a key, if it is there. */
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix`, in order, behind `after`; at most 1,000. */
  keys(prefix?: string, options?: { readonly after?: string }): Promise<readonly string[]>;
}
