import assert from "node:assert/strict";
import { test } from "node:test";
import { createEnvelope, type Envelope, Kind } from "../envelope.ts";
import { ROUTES_PER_CONNECTION_MAX } from "../limits.ts";
import { filled } from "../testing/arbitrary-envelope.ts";
import { GOLDEN_HEAD, GOLDEN_PACKETS } from "../testing/golden-packets.ts";
import { createSchemaPacketWriter } from "../testing/packet-by-schema.ts";
import { hex, packetOf, readPacket, unhex } from "../testing/packets.ts";
import { isControl } from "../transport.ts";
import { createPacketReader, createPacketWriter } from "./packet.ts";

const writer = createPacketWriter();
const reader = createPacketReader();
const judge = createSchemaPacketWriter(ROUTES_PER_CONNECTION_MAX);

for (const { name, messages, nowMs, hex: golden } of GOLDEN_PACKETS) {
  test(`createPacketWriter writes the golden bytes of "${name}", and createPacketReader reads them`, () => {
    assert.equal(hex(packetOf(messages, { writer, nowMs })), golden);
    assert.equal(hex(judge.packet(messages, nowMs)), golden);
    const { control, envelopes } = readPacket(unhex(golden), { reader, nowMs });
    assert.deepEqual(
      control,
      messages.filter((message) => isControl(message)).map(({ bytes }) => bytes),
    );
    assert.deepEqual(
      envelopes,
      messages
        .filter((message) => !isControl(message))
        .map((envelope) => ({ ...envelope, bytes: envelope.bytes ?? new Uint8Array(0) })),
    );
  });
}

/** Bytes of a packet with one plain call, besides its body. */
function overheads(bodySize: number, calls: number): number[] {
  const connection = createPacketWriter();
  return Array.from({ length: calls }, (_, index) => {
    const call: Envelope = createEnvelope(Kind.request, 1_000_000 + index, GOLDEN_HEAD);
    call.deadlineMs = 30_000;
    call.bytes = filled(bodySize);
    return packetOf([call], { writer: connection }).length - bodySize;
  });
}

// The figures stand in the protocol page. A plain call: the millionth, with 30 s to go, no flow, no trace.
test("createPacketWriter puts 16 bytes round a plain call of 64 bytes, and 76 round the first of its kind", () => {
  assert.deepEqual(overheads(64, 3), [76, 16, 16]);
});

test("createPacketWriter puts at most 64 bytes round a plain call with a body of any size", () => {
  for (const size of [0, 1, 1024, 65_536, 1024 * 1024]) {
    const [, later = 0] = overheads(size, 2);
    assert.ok(later <= 64, `${later} bytes round ${size}`);
  }
});

test("createPacketWriter puts 11 bytes round a plain reply", () => {
  const reply = createEnvelope(Kind.reply, 1_000_000);
  reply.bytes = filled(64);
  assert.equal(packetOf([reply]).length - 64, 11);
});
