import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { EnvelopeSchema } from "../gen/orrery/wire/v1/envelope_pb.ts";
import { CALL_DEPTH_MAX, HEAD_BYTES_MAX, UNKNOWN_BYTES_MAX } from "../limits.ts";
import { readPacket, unhex } from "../testing/packets.ts";

/** One envelope in a packet, both lengths right. */
function packetWith(envelope: Uint8Array): Uint8Array {
  const lengths: number[] = [];
  let rest = envelope.length;
  for (; rest > 127; rest >>>= 7) lengths.push((rest & 127) | 128);
  return Uint8Array.from([0x12, ...lengths, rest, ...envelope]);
}

const bad: readonly { readonly name: string; readonly packet: string; readonly message: RegExp }[] = [
  { name: "a length beyond the packet", packet: "12050801", message: /^truncated at byte 2 of 4$/ },
  { name: "a claimed length of 4 GiB", packet: "12ffffffff0f0801", message: /^truncated at byte 6 of 8$/ },
  { name: "a body beyond its envelope", packet: "1206 0801 a20105 1200", message: /^truncated at byte 7 of 9$/ },
  {
    name: "a body that runs into the next envelope",
    packet: "1205 0801 a20104 12020802",
    message: /^envelope runs over its end at byte 11 of 11$/,
  },
  {
    name: "a text that runs over its head",
    packet: "1208 0801 2202 0a03616263",
    message: /^head runs over its end at byte 11 of 11$/,
  },
  { name: "a flow that runs over its end", packet: "1207 0801 3202 120161", message: /^flow runs over its end/ },
  { name: "a trace that runs over its end", packet: "1207 0801 5a02 0a0161", message: /^trace runs over its end/ },
  { name: "a failure that runs over its end", packet: "1207 0801 6202 120161", message: /^failure runs over its end/ },
  { name: "a source that runs over its end", packet: "1207 2205 4202 0a0161", message: /^source runs over its end/ },
  { name: "a horizon that runs over its end", packet: "1207 2205 5202 188010", message: /^horizon runs over its end/ },
  { name: "text that is no UTF-8", packet: "1206 0801 4a02c328", message: /^invalid UTF-8 at byte 6 of 8$/ },
  { name: "an id above 2^53 - 1", packet: "1209 08 ffffffffffffff1f", message: /^number beyond 2\^53 - 1/ },
  {
    name: "a number of eleven bytes",
    packet: "120d 08 ffffffffffffffffffffff01",
    message: /^number of more than ten bytes/,
  },
  { name: "field number 0", packet: "1202 0001", message: /^field number 0 of wire type 0/ },
  { name: "wire type 7", packet: "1202 0f01", message: /^field number 1 of wire type 7/ },
  { name: "a group that is not closed", packet: "1204 bb3e 0801", message: /^truncated/ },
  {
    name: "an end of a group that was not begun",
    packet: "1202 bc3e",
    message: /^end of group 999, which was not begun,/,
  },
];

for (const { name, packet, message } of bad) {
  test(`decodeEnvelope refuses ${name}`, () => assert.throws(() => readPacket(unhex(packet)), { message }));
}

test("decodeEnvelope allocates nothing for a length that is only claimed", () => {
  const packet = unhex("12feffffff07 0801 a201f0ffffff07");
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 1000; round++) assert.throws(() => readPacket(packet), /truncated/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
});

test(`decodeEnvelope takes a path of ${CALL_DEPTH_MAX} instances and refuses one more`, () => {
  const path = (count: number) =>
    packetWith(toBinary(EnvelopeSchema, create(EnvelopeSchema, { id: 1n, path: new Array<string>(count).fill("a") })));
  assert.equal(readPacket(path(CALL_DEPTH_MAX)).envelopes[0]?.path.length, CALL_DEPTH_MAX);
  assert.throws(() => readPacket(path(CALL_DEPTH_MAX + 1)), { message: /^path of more than 32 instances/ });
});

test(`decodeEnvelope takes a head of ${HEAD_BYTES_MAX} bytes and refuses a larger one`, () => {
  const withHead = (size: number) =>
    packetWith(
      toBinary(EnvelopeSchema, create(EnvelopeSchema, { id: 1n, route: 1, head: { agent: "a".repeat(size) } })),
    );
  const room = HEAD_BYTES_MAX - 7; // Tag and length of the agent, length of the head.
  assert.equal(readPacket(withHead(room)).envelopes[0]?.head?.agent.length, room);
  assert.throws(() => readPacket(withHead(room + 1)), { message: /^head of more than 32768 bytes/ });
});

test(`decodeEnvelope keeps ${UNKNOWN_BYTES_MAX} bytes of unknown fields, in any pieces, and refuses more`, () => {
  const field = unhex("c00c05");
  const count = Math.floor(UNKNOWN_BYTES_MAX / field.length);
  const fields = (extra: number) => packetWith(Buffer.concat(new Array<Uint8Array>(count + extra).fill(field)));
  assert.equal(readPacket(fields(0)).envelopes[0]?.unknown?.length, count * field.length);
  assert.throws(() => readPacket(fields(1)), { message: /^unknown fields of more than 65536 bytes/ });
});

test("decodeEnvelope drops an envelope of a kind that it does not know", () => {
  assert.deepEqual(
    readPacket(unhex("1204 0801 1009 12020802")).envelopes.map(({ id }) => id),
    [2],
  );
});

test("decodeEnvelope takes what it does not know in known fields for the least that it can mean", () => {
  const { envelopes } = readPacket(unhex("120e 0801 2206 2863 52020863 6202 0863"));
  assert.equal(envelopes[0]?.head?.mode, "sync");
  assert.equal(envelopes[0]?.head?.horizon?.scope, "process");
  assert.equal(envelopes[0]?.failure?.kind, "defect");
});

test("decodeEnvelope adds the budget to the time of the receiver", () => {
  assert.equal(readPacket(unhex("1205 0801 28f403"), { nowMs: 2000 }).envelopes[0]?.deadlineMs, 2000.5);
});
