import type { Envelope } from "./envelope.ts";

/** A message of the control plane: encoded `orrery.control.v1.Control`. */
export interface ControlFrame {
  readonly plane: "control";
  readonly bytes: Uint8Array;
}

/** What a transport carries. */
export type Message = Envelope | ControlFrame;

/** Whether a carrier took a message. Anything but `accepted` is definite: nothing has left, nothing will. */
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
  /** True for a carrier within this host. */
  readonly sameHost: boolean;
  /** Whether the key that opened the connection may speak for this agent. */
  allows(agent: string): boolean;
}

/** News of a link. After `down` nothing comes from it; a link going out comes up again by itself, one coming in never does. */
export type LinkEvent =
  | { readonly kind: "up"; readonly link: Link }
  | { readonly kind: "down"; readonly link: Link; readonly reason: string };

/** Takes what comes off a link. */
export type MessageListener = (link: Link, message: Message) => void;

/** Takes news of links. */
export type LinkListener = (event: LinkEvent) => void;

/**
 * A carrier of messages: at most six methods, no policy. It keeps the order of one link, bounds every queue, drops waiting
 * envelopes whose deadline has passed, and sets `left` when the first byte may have gone. It may lose and, where its medium does,
 * repeat messages; it never alters them. `packages/core/conformance` holds the suite that every implementation passes.
 */
export interface Transport {
  /** First part of its addresses, such as `tcp`. */
  readonly scheme: string;
  /** True when it hands over values within one process, false when it needs bytes. */
  readonly carriesValues: boolean;
  /** Opens an address and gives it back with what the system chose filled in. @throws OrreryError `unavailable` when taken. */
  listen(address: string): Promise<string>;
  /** Gives the link to an address, at once and always the same; connecting goes on behind. @throws OrreryError `invalid_argument`. */
  connect(address: string): Link;
  /** Takes what it needs from the message before it returns. */
  send(link: Link, message: Message): SendResult;
  /** Ends every link; waits for what was accepted, within a bound. */
  close(): Promise<void>;
  /** Names the one taker of messages. Bytes of a message are never reused. */
  onMessage(listener: MessageListener): void;
  /** Names the one taker of link news. */
  onLink(listener: LinkListener): void;
}

/** Tells the planes apart. */
export function isControl(message: Message): message is ControlFrame {
  return "plane" in message;
}
