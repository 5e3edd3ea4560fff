import type { Envelope } from "./envelope.ts";

/** A message of the control plane: encoded `orrery.control.v1.Control`. */
export interface ControlFrame {
  readonly plane: "control";
  readonly bytes: Uint8Array;
}

/** What a transport carries. */
export type Message = Envelope | ControlFrame;

/**
 * Whether a carrier took a message. Anything but `accepted` is definite: nothing has left, nothing will. `overloaded`: its queue is full,
 * try later. `too_large`: it never takes one of that size. `closed`: the link has ended for good.
 */
export type SendResult = "accepted" | "overloaded" | "closed" | "too_large";

/** One connection, coming or going. */
export interface Link {
  /** Unique within the transport. */
  readonly id: number;
  /** Address of the other side, for people and logs. */
  readonly remote: string;
  readonly direction: "in" | "out";
  /** A link going out may be sent to before it is up: messages wait, within the bound and their deadline. */
  readonly up: boolean;
  /** Why the last try to connect failed, for people; absent or empty when none did since the link was up. */
  readonly trouble?: string;
  /** Tries that the machine there turned down because nobody listens, so far: not mere silences. Absent where they cannot be told apart. */
  readonly refusals?: number;
  /** True for a carrier within this host. */
  readonly sameHost: boolean;
  /** When it began to hand over what it hands over now, by the monotonic clock of its node; absent where it does not look. */
  readonly heardMs?: number;
  /** Whether the key that opened the connection may speak for this agent. */
  allows(agent: string): boolean;
  /**
   * Gives up a link going out whose address is of no use any more: no further tries to connect, and what waits is dropped; `connect` then
   * gives another. False, and nothing happens, while it is up. Absent where links cost nothing.
   */
  forget?(): boolean;
  /**
   * Gives up a link going out, up or not, and gives back what has not left, in order: it is the giver's again. Nothing is heard of the link any
   * more, and `connect` gives another. Absent where a link cannot be one of several to a place.
   */
  drop?(): readonly Message[];
  /** Names the one who is told of each try to connect that fails; what failed at once stands in `trouble` when the link is made. */
  watch?(onTrouble: (trouble: string) => void): void;
}

/**
 * News of a link. `up` and `down` take turns, and messages come only between them: none before `up`, none after `down`. A link going out
 * comes up again by itself, as the same object with a fresh connection; one coming in never does: its peer's next connection is a new link.
 * A link that never was up goes without a word.
 */
export type LinkEvent =
  | { readonly kind: "up"; readonly link: Link }
  | { readonly kind: "down"; readonly link: Link; readonly reason: string };

/** Takes what comes off a link. */
export type MessageListener = (link: Link, message: Message) => void;

/** Takes news of links. */
export type LinkListener = (event: LinkEvent) => void;

/**
 * A carrier of messages: six methods, no policy. `testTransport` of `@orrery/core/conformance` is the suite that every implementation
 * passes. What it promises:
 * - Order: what was accepted on one link arrives in that order, as long as one connection lasts. Control may overtake envelopes.
 * - Loss: what was not handed over when a connection ends is lost if it had left, else it waits for the next one of a link going out. It
 *   may repeat messages where its medium does, and never alters them.
 * - `left`: it sets an envelope's `left`, through `markLeft`, at the latest when the first byte may go, and never sets it on one that is certainly unsent.
 * - Expiry: an envelope whose `deadlineMs` has passed before it left is dropped unsent, without a word: its sender knows the deadline. A
 *   sender withdraws a message by setting `deadlineMs` into the past. What remains of the budget is told to the receiver.
 * - Bounds: every queue is bounded; over the bound the answer is `overloaded`, after what has expired was thrown out.
 * - Listeners are never called from within `connect` or `send`.
 */
export interface Transport {
  /** First part of its addresses, such as `tcp`. */
  readonly scheme: string;
  /** True when it hands over values within one process, false when it needs bytes. */
  readonly carriesValues: boolean;
  /**
   * Opens an address and gives it back with what the system chose filled in.
   * @throws OrreryError `invalid_argument` for what is no address, `unavailable` when it is taken or the transport is closed.
   */
  listen(address: string): Promise<string>;
  /**
   * Gives the link to an address, at once and always the same; connecting goes on behind, again and again until `close`.
   * @throws OrreryError `invalid_argument` for what is no address, `unavailable` when the transport is closed.
   */
  connect(address: string): Link;
  /** Takes a message. Its body must not be written to afterwards; of its fields the sender may still change `deadlineMs`. */
  send(link: Link, message: Message): SendResult;
  /** Gives what was accepted time to leave, within a bound, then ends every link, each that was up with `down`. Twice is once. */
  close(): Promise<void>;
  /** Names the one taker of messages. The message is the taker's own, and its bytes are never reused. */
  onMessage(listener: MessageListener): void;
  /** Names the one taker of link news. */
  onLink(listener: LinkListener): void;
}

/** Tells the planes apart. */
export function isControl(message: Message): message is ControlFrame {
  return "plane" in message;
}
