import { ZmqError } from "./errors.ts";
import type { ZmqLimits } from "./limits.ts";

/**
 * Whether a message was taken. Anything but `accepted` is definite: nothing of it has left and nothing will.
 * `overloaded`: the outbox is full, try later. `too_large`: over a limit of frames or bytes. `closed`: for good.
 */
export type SendResult = "accepted" | "overloaded" | "too_large" | "closed";

/** A message as ZeroMQ means it: one or more frames that arrive together or not at all. */
export type Frames = readonly Uint8Array[];

/** Messages that wait for the next flush, first in, first out. */
export interface Outbox {
  readonly messages: number;
  readonly bytes: number;
  /**
   * Takes a message, by reference: its frames must not be written afterwards.
   * @throws ZmqError `invalid_argument` for a message without frames.
   */
  push(frames: Frames): SendResult;
  /** Removes the oldest message. */
  shift(): Frames | undefined;
}

/** Makes an outbox; when it is empty it takes any message that is within the limits of one message. */
export function createOutbox(limits: ZmqLimits): Outbox {
  const queue: Frames[] = [];
  let head = 0;
  let bytes = 0;
  return {
    get messages() {
      return queue.length - head;
    },
    get bytes() {
      return bytes;
    },
    push(frames) {
      if (frames.length === 0) throw new ZmqError("invalid_argument", "Cannot send a message without frames");
      const size = sizeOf(frames);
      if (!fits(frames, size, limits)) return "too_large";
      const waiting = queue.length - head;
      if (waiting >= limits.outboxMessagesMax) return "overloaded";
      if (waiting > 0 && bytes + size > limits.outboxBytesMax) return "overloaded";
      queue.push(frames);
      bytes += size;
      return "accepted";
    },
    shift() {
      const frames = queue[head];
      if (frames === undefined) return undefined;
      head++;
      bytes -= sizeOf(frames);
      if (head === queue.length || head > 1024) {
        queue.splice(0, head);
        head = 0;
      }
      return frames;
    },
  };
}

function sizeOf(frames: Frames): number {
  let size = 0;
  for (const frame of frames) size += frame.length;
  return size;
}

function fits(frames: Frames, size: number, limits: ZmqLimits): boolean {
  if (frames.length > limits.framesMax || size > limits.messageBytesMax) return false;
  return size <= limits.frameBytesMax || frames.every((frame) => frame.length <= limits.frameBytesMax);
}
