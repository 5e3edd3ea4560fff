import { violation } from "./errors.ts";
import { FLAG_MORE } from "./frame.ts";
import type { ZmqLimits } from "./limits.ts";

/** Puts the frames of one connection together into messages. */
export interface MessageAssembler {
  /** Whether frames of an incomplete message are held. */
  readonly inMessage: boolean;
  /**
   * Takes the next frame; returns the message when it was the last one of it.
   * @throws PeerFault `protocol_violation` when the message has too many frames or bytes.
   */
  push(flags: number, payload: Uint8Array): Uint8Array[] | undefined;
}

/** Makes an assembler; it holds at most one message within the limits. */
export function createMessageAssembler(limits: ZmqLimits): MessageAssembler {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  return {
    get inMessage() {
      return parts.length > 0;
    },
    push(flags, payload) {
      bytes += payload.length;
      if (bytes > limits.messageBytesMax) {
        throw violation(`it sent a message of over ${limits.messageBytesMax} bytes, which is the limit here`);
      }
      if (parts.length === limits.framesMax) {
        throw violation(`it sent a message of over ${limits.framesMax} frames, which is the limit here`);
      }
      if ((flags & FLAG_MORE) !== 0) {
        parts.push(payload);
        return undefined;
      }
      bytes = 0;
      if (parts.length === 0) return [payload];
      const message = [...parts, payload];
      parts = [];
      return message;
    },
  };
}
