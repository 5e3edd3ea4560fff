import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createEnvelope, Kind } from "../envelope.ts";
import { PACKET_MESSAGES_MAX, ROUTES_PER_CONNECTION_MAX } from "../limits.ts";
import { arbitraryEnvelopes, filled, NOW_MS } from "../testing/arbitrary-envelope.ts";
import { GOLDEN_HEAD } from "../testing/golden-packets.ts";
import { createSchemaPacketWriter } from "../testing/packet-by-schema.ts";
import { hex, packetOf, readPacket, unhex } from "../testing/packets.ts";
import type { Message } from "../transport.ts";
import { BODY_COPIED_MAX, createPacketReader, createPacketWriter, type PacketRoom } from "./packet.ts";

const bySchema = () => createSchemaPacketWriter(ROUTES_PER_CONNECTION_MAX);

test("createPacketWriter writes byte for byte what protobuf-es writes from the schema", () => {
  fc.assert(
    fc.property(fc.array(arbitraryEnvelopes(), { minLength: 1, maxLength: 3 }), (packets) => {
      const writer = createPacketWriter();
      const judge = bySchema();
      for (const envelopes of packets) {
        const written = packetOf(envelopes, { writer, nowMs: NOW_MS });
        assert.equal(hex(written), hex(judge.packet(envelopes, NOW_MS)));
      }
    }),
    { numRuns: 200 },
  );
});

test("createPacketReader gives back what was written, through the routes of a connection", () => {
  fc.assert(
    fc.property(fc.array(arbitraryEnvelopes(), { minLength: 1, maxLength: 3 }), (packets) => {
      const writer = createPacketWriter();
      const reader = createPacketReader();
      for (const envelopes of packets) {
        const { envelopes: read } = readPacket(packetOf(envelopes, { writer, nowMs: NOW_MS }), {
          reader,
          nowMs: NOW_MS,
        });
        const nothing = new Uint8Array(0);
        assert.deepEqual(
          read,
          envelopes.map((envelope) => ({ ...envelope, bytes: envelope.bytes ?? nothing })),
        );
      }
    }),
    { numRuns: 200 },
  );
});

test("createPacketWriter keeps the order of envelopes, and control comes first for its reader", () => {
  const control = (byte: number): Message => ({ plane: "control", bytes: Uint8Array.of(byte) });
  const packet = packetOf([createEnvelope(Kind.cancel, 1), control(7), createEnvelope(Kind.cancel, 2), control(8)]);
  const seen: string[] = [];
  createPacketReader().read(packet, 0, {
    control: ({ bytes }) => seen.push(`control ${bytes[0]}`),
    envelope: ({ id }) => seen.push(`envelope ${id}`),
  });
  assert.deepEqual(seen, ["control 7", "control 8", "envelope 1", "envelope 2"]);
});

// Where a length takes one byte more, the body's own, the envelope's round it, and where a body is no longer copied.
const STEPS = [0, 127, 128, BODY_COPIED_MAX, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21];

for (const step of STEPS) {
  test(`createPacketWriter writes the shortest lengths for bodies and envelopes around ${step} bytes`, () => {
    const bytes = filled(step + 3);
    for (let size = Math.max(0, step - 16); size <= step + 3; size++) {
      const envelope = createEnvelope(Kind.reply, 1000);
      envelope.bytes = bytes.subarray(0, size);
      const packet = packetOf([envelope]);
      assert.ok(Buffer.from(packet).equals(bySchema().packet([envelope], 0)), `differs at ${size} bytes`);
      const [read] = readPacket(packet).envelopes;
      assert.ok(Buffer.from(read?.bytes ?? []).equals(envelope.bytes), `read differs at ${size} bytes`);
    }
  });
}

test("createPacketWriter lends large bodies to its room as they were handed in, and copies the others", () => {
  const sizes = [10, BODY_COPIED_MAX + 1, BODY_COPIED_MAX + 2, BODY_COPIED_MAX, 3];
  const envelopes = sizes.map((size, index) => {
    const envelope = createEnvelope(Kind.reply, index + 1);
    envelope.bytes = filled(size);
    envelope.unknown = unhex("ba3e03616263");
    return envelope;
  });
  const writer = createPacketWriter();
  const { room, lent, packet } = listingRoom();
  for (const envelope of envelopes) writer.add(envelope, 0, room);
  assert.ok(lent.includes(envelopes[1]?.bytes as Uint8Array));
  assert.ok(lent.includes(envelopes[2]?.bytes as Uint8Array));
  assert.deepEqual(
    readPacket(packet()).envelopes.map(({ bytes, unknown }) => [hex(bytes ?? packet()), hex(unknown ?? packet())]),
    envelopes.map(({ bytes }) => [hex(bytes ?? packet()), "ba3e03616263"]),
  );
});

test("createPacketWriter writes an envelope that outgrows the room it asked for", () => {
  const wide = { ...GOLDEN_HEAD, component: "c".repeat(3000), resource: "r".repeat(900) };
  const envelopes = [1, 2].map((id) => {
    const envelope = createEnvelope(Kind.request, id, wide);
    envelope.bytes = filled(700);
    return envelope;
  });
  const { room, packet } = listingRoom();
  const writer = createPacketWriter();
  for (const envelope of envelopes) writer.add(envelope, 0, room);
  assert.equal(hex(packet()), hex(bySchema().packet(envelopes, 0)));
});

/** A room that has just what is asked for, and lists what is written to it as a whole. */
function listingRoom() {
  const pieces: Uint8Array[] = [];
  const lent: Uint8Array[] = [];
  const room: PacketRoom = {
    bytes: new Uint8Array(0),
    reserve(size) {
      (room as { bytes: Uint8Array }).bytes = new Uint8Array(size);
      return 0;
    },
    commit: (end) => pieces.push(room.bytes.subarray(0, end)),
    write(bytes) {
      lent.push(bytes);
      pieces.push(bytes);
    },
  };
  return { room, lent, packet: () => Buffer.concat(pieces) };
}

test("createPacketReader keeps fields of a newer peer, and createPacketWriter hands them on after the body", () => {
  // Fields 103 as text, 200 as a number and 999 as a group with a field in it, amid known ones.
  const [text, number, group] = ["ba0603616263", "c00c05", "bb3e0801bc3e"];
  const [id, body] = ["0809", "a20104626f6479"];
  const envelope = unhex([text, id, number, body, group].join(""));
  const packet = Buffer.concat([Uint8Array.of(0x12, envelope.length), envelope]);
  const { envelopes } = readPacket(packet);
  assert.equal(hex(packetOf(envelopes)), `12${envelope.length.toString(16)}${id}${body}${text}${number}${group}`);
});

test("createPacketReader skips fields of a packet that it does not know", () => {
  const packet = unhex("1a03616263 12020801");
  assert.deepEqual(
    readPacket(packet).envelopes.map(({ id }) => id),
    [1],
  );
});

test("createPacketReader takes an envelope's fields in any order", () => {
  const fields = ["a201026869", "28f403", "1801", "22020a00", "0805"]; // Body, budget, route, head, id.
  const envelope = unhex(fields.join(""));
  const [read] = readPacket(Uint8Array.of(0x12, envelope.length, ...envelope)).envelopes;
  assert.equal(read?.id, 5);
  assert.equal(read?.deadlineMs, 0.5);
  assert.equal(read?.head?.component, "");
  assert.equal(hex(read?.bytes ?? envelope), "6869");
});

test(`createPacketReader takes ${PACKET_MESSAGES_MAX} messages in a packet and refuses one more`, () => {
  const empty = unhex("1200");
  const packet = new Uint8Array((PACKET_MESSAGES_MAX + 1) * empty.length);
  for (let at = 0; at < packet.length; at += empty.length) packet.set(empty, at);
  assert.equal(readPacket(packet.subarray(empty.length)).envelopes.length, PACKET_MESSAGES_MAX);
  assert.throws(() => readPacket(packet), { message: /^packet of more than 65536 messages at byte \d+ of \d+$/ });
});

test("createPacketReader hands over nothing of a packet that breaks off", () => {
  const packet = packetOf([createEnvelope(Kind.cancel, 1), { plane: "control", bytes: filled(3) }]);
  let handed = 0;
  const taker = { control: () => handed++, envelope: () => handed++ };
  assert.throws(() => createPacketReader().read(packet.subarray(0, -1), 0, taker), /^Error: truncated/);
  assert.equal(handed, 0);
});
