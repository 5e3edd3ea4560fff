import type { Head } from "./envelope.ts";
import type { Port } from "./port.ts";

/** Decides where messages go. */
export interface Router {
  /**
   * Picks the port for one message.
   * @throws OrreryError `no_such_component` or `horizon_exceeded`.
   */
  pick(head: Head): Port;
  /** Every port that a broadcast goes to. */
  all(head: Head): readonly Port[];
}
