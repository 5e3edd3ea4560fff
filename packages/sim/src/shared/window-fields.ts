// Tags of `proto/orrery/clock/v1/window.proto`: field number times 8, plus wire type (0 varint, 1 eight bytes, 2 with length).
// A test compares what is written with them to what protobuf-es writes from the schema.

/** Tags of Window. */
export const WINDOW = { member: 8, round: 16, next: 24, halt: 32, framesBefore: 40, frames: 50, packets: 58 } as const;

/** Tags of Frame. */
export const FRAME = {
  kind: 8,
  from: 16,
  to: 24,
  tick: 32,
  sequence: 40,
  sentTick: 48,
  causeOrigin: 56,
  causeSequence: 64,
  inOrder: 72,
  connection: 82,
  toDialler: 88,
  budgetMs: 97,
  address: 106,
  back: 114,
  reason: 122,
} as const;

/** Kinds of a frame, by their numbers; 7 is a message of the control plane. */
export const FRAME_KINDS = ["", "dial", "accepted", "refused", "message", "hangup", "heard", "control"] as const;
