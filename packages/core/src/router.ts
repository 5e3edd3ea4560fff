import type { Envelope, FlowRef, Head } from "./envelope.ts";
import type { Port } from "./port.ts";

/** Decides where messages go. */
export interface Router {
  /** Name of the network that it routes in; absent where it has none. */
  readonly network?: string;
  /**
   * Picks the port for one message.
   * @throws OrreryError `no_such_component`, `no_such_version`, `horizon_exceeded`, or `not_connected` where it is of use to wait.
   */
  pick(head: Head, envelope?: Envelope): Port;
  /** Every port that a broadcast goes to. */
  all(head: Head): readonly Port[];
  /**
   * The exact version that a range such as `^1.2.0` means for a message now. Absent where only exact versions are known.
   * @throws OrreryError `no_such_component` or `no_such_version`.
   */
  exactVersion?(component: string, range: string, flow: FlowRef | undefined): string;
  /**
   * Waits until a message that could not be sent for want of a place, or of a connection to one, may be tried again; false when it may not
   * within the time, or never. Absent where waiting is of no use: what is known does not change.
   */
  whenReachable?(
    component: string,
    options: { readonly withinMs: number; readonly signal: AbortSignal | undefined },
  ): Promise<boolean>;
}
