import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { createEnvelope, createPacketReader, Kind } from "@orrery/core/internal";
import { createWindowReader, createWindowWriter, type SharedFrame, type WindowPacket } from "@orrery/sim/internal";
import { FrameKind, WindowSchema } from "../gen/orrery/clock/v1/window_pb.ts";

const PLACE = {
  from: 3,
  to: 300,
  tick: 2 ** 40,
  sequence: 9,
  sentTick: 2 ** 33,
  causeOrigin: 2,
  causeSequence: 70_000,
};

function envelope(id: number) {
  const made = createEnvelope(Kind.reply, id);
  made.bytes = new Uint8Array([id, 0, 255]);
  return made;
}

const FRAMES: readonly SharedFrame[] = [
  { ...PLACE, inOrder: true, frame: { kind: "dial", connection: "a/1/1", address: "sim://b", back: "sim://a" } },
  {
    ...PLACE,
    inOrder: false,
    frame: { kind: "message", connection: "a/1/1", toDialler: true, message: envelope(7), budgetMs: 12.3456789 },
  },
  {
    ...PLACE,
    inOrder: true,
    frame: {
      kind: "message",
      connection: "a/1/1",
      toDialler: false,
      message: { plane: "control", bytes: new Uint8Array([1, 2]) },
      budgetMs: 0,
    },
  },
  { ...PLACE, inOrder: true, frame: { kind: "accepted", connection: "é/1/2" } },
  { ...PLACE, inOrder: true, frame: { kind: "refused", connection: "" } },
  {
    ...PLACE,
    inOrder: true,
    frame: { kind: "message", connection: "x", toDialler: false, message: envelope(8), budgetMs: 0 },
  },
  { ...PLACE, inOrder: true, frame: { kind: "hangup", connection: "x", toDialler: true, reason: "its process ended" } },
  { ...PLACE, inOrder: true, frame: { kind: "heard", connection: "x", toDialler: false } },
];

const WINDOW: WindowPacket = { member: 1, round: 12, next: 0, halt: true, framesBefore: 2 ** 34, frames: FRAMES };

test("createWindowWriter writes what its schema says", () => {
  const read = fromBinary(WindowSchema, createWindowWriter().write(WINDOW));
  const { member, round, next, halt, framesBefore, frames, packets } = read;
  assert.deepEqual([member, round, next, halt, framesBefore], [1, 12n, 1n, true, 2n ** 34n]);
  const { DIAL, MESSAGE, CONTROL, ACCEPTED, REFUSED, HANGUP, HEARD } = FrameKind;
  assert.deepEqual(
    frames.map(({ kind }) => kind),
    [DIAL, MESSAGE, CONTROL, ACCEPTED, REFUSED, MESSAGE, HANGUP, HEARD],
  );
  const [dial, message] = frames;
  assert.deepEqual([dial?.address, dial?.back, dial?.connection, dial?.inOrder], ["sim://b", "sim://a", "a/1/1", true]);
  assert.deepEqual([message?.from, message?.to, message?.tick, message?.sequence], [3, 300, 2n ** 40n, 9n]);
  assert.deepEqual([message?.sentTick, message?.causeOrigin, message?.causeSequence], [2n ** 33n, 2, 70_000n]);
  assert.deepEqual([message?.budgetMs, message?.toDialler, message?.inOrder], [12.3456789, true, false]);
  assert.equal(frames[6]?.reason, "its process ended");
  const ids: number[] = [];
  createPacketReader().read(packets[0] ?? new Uint8Array(0), 0, {
    control: () => undefined,
    envelope: ({ id }) => void ids.push(id),
  });
  assert.deepEqual(ids, [7, 8]);
});

test("createWindowReader reads back what was written, window after window", () => {
  const [writer, reader] = [createWindowWriter(), createWindowReader()];
  for (const next of [0, undefined, 2 ** 45]) {
    const read = reader.read(writer.write({ ...WINDOW, next, halt: false }));
    assert.deepEqual([read.member, read.round, read.next, read.halt, read.framesBefore], [1, 12, next, false, 2 ** 34]);
    assert.deepEqual(read.frames.map(plain), FRAMES.map(plain));
  }
  assert.deepEqual(reader.read(writer.write({ ...WINDOW, frames: [] })).frames, []);
  assert.throws(() => reader.read(new Uint8Array([50, 200])), /truncated/);
});

test("createWindowReader reads a window of more messages than one packet takes", () => {
  const frame = FRAMES[5] as SharedFrame;
  const bytes = createWindowWriter().write({ ...WINDOW, frames: new Array(70_000).fill(frame) });
  assert.equal(createWindowReader().read(bytes).frames.length, 70_000);
});

function plain({ frame, ...place }: SharedFrame) {
  if (frame.kind !== "message") return { ...place, frame };
  return { ...place, frame: { ...frame, message: [...(frame.message.bytes ?? [])] } };
}
