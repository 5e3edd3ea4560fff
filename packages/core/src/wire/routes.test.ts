import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { createEnvelope, type Head, Kind } from "../envelope.ts";
import { PacketSchema } from "../gen/orrery/wire/v1/envelope_pb.ts";
import { ROUTES_PER_CONNECTION_MAX } from "../limits.ts";
import { packetOf, readPacket, unhex } from "../testing/packets.ts";
import { createPacketReader, createPacketWriter } from "./packet.ts";
import { createReceivedRoutes, createSentRoutes } from "./routes.ts";

function headOf(method: string): Head {
  return {
    component: "weather",
    method,
    version: "",
    fingerprint: "",
    mode: "sync",
    contentType: "",
    instance: "",
    source: { node: "n", instance: "", incarnation: 1 },
    agent: "",
    horizon: undefined,
    resource: "",
  };
}

test("createSentRoutes gives a head one number, and declares it once", () => {
  const routes = createSentRoutes();
  const [a, b] = [headOf("a"), headOf("b")];
  assert.deepEqual([routes.number(a), routes.number(b), routes.number(a), routes.number(b)], [1, 2, 1, 2]);
  assert.deepEqual(
    [routes.declare(1), routes.declare(1), routes.declare(2), routes.declare(2)],
    [true, false, true, false],
  );
});

test(`createSentRoutes numbers ${ROUTES_PER_CONNECTION_MAX} heads and no more`, () => {
  const routes = createSentRoutes();
  const heads = Array.from({ length: ROUTES_PER_CONNECTION_MAX + 1 }, (_, index) => headOf(`m${index}`));
  const numbers = heads.map((head) => routes.number(head));
  assert.equal(numbers.at(-2), ROUTES_PER_CONNECTION_MAX);
  assert.equal(numbers.at(-1), 0);
  assert.equal(routes.number(heads[0] as Head), 1);
});

test("createReceivedRoutes remembers up to the limit and refuses the number past it", () => {
  const routes = createReceivedRoutes();
  const head = headOf("a");
  assert.equal(routes.set(ROUTES_PER_CONNECTION_MAX, head), true);
  assert.equal(routes.get(ROUTES_PER_CONNECTION_MAX), head);
  assert.equal(routes.set(ROUTES_PER_CONNECTION_MAX + 1, head), false);
  assert.equal(routes.get(ROUTES_PER_CONNECTION_MAX + 1), undefined);
});

test("createPacketWriter says a head once on a connection, and again on the next", () => {
  const head = headOf("today");
  const said = (packet: Uint8Array) =>
    fromBinary(PacketSchema, packet).envelopes.map(({ route, head: declared }) => [route, declared?.method]);
  const writer = createPacketWriter();
  const messages = () => [createEnvelope(Kind.request, 1, head), createEnvelope(Kind.request, 2, head)];
  assert.deepEqual(said(packetOf(messages(), { writer })), [
    [1, "today"],
    [1, undefined],
  ]);
  assert.deepEqual(said(packetOf([createEnvelope(Kind.request, 3, head)], { writer })), [[1, undefined]]);
  assert.deepEqual(said(packetOf([createEnvelope(Kind.request, 4, head)])), [[1, "today"]]);
});

test("createPacketWriter writes heads past the limit in full, and a reader needs no more memory for them", () => {
  const writer = createPacketWriter();
  const reader = createPacketReader();
  const heads = Array.from({ length: ROUTES_PER_CONNECTION_MAX + 2 }, (_, index) => headOf(`m${index}`));
  for (const round of [0, 1]) {
    const messages = heads.map((head, index) => createEnvelope(Kind.request, 1 + index + round * 10_000, head));
    const { envelopes } = readPacket(packetOf(messages, { writer }), { reader });
    assert.deepEqual(
      envelopes.map((envelope) => envelope.head?.method),
      heads.map((head) => head.method),
    );
  }
});

test("createPacketReader gives an envelope no head when its route was not declared on the connection", () => {
  const packet = unhex("1204 0807 1803");
  assert.equal(readPacket(packet).envelopes[0]?.head, undefined);
});

test("createPacketReader refuses a declaration past the limit", () => {
  const packet = unhex("1209 0807 188108 2202 0a00");
  assert.throws(() => readPacket(packet), { message: "route 1025 is beyond the limit at byte 11 of 11" });
});

test("createPacketReader remembers a route that came with an envelope of an unknown kind", () => {
  const reader = createPacketReader();
  const declaring = unhex("120b 0807 1063 1801 2203 0a0161");
  assert.deepEqual(readPacket(declaring, { reader }).envelopes, []);
  assert.equal(readPacket(unhex("1204 0808 1801"), { reader }).envelopes[0]?.head?.component, "a");
});

test("createPacketReader lets a later declaration of a number take the place of the first", () => {
  const reader = createPacketReader();
  readPacket(unhex("1209 0807 1801 2203 0a0161"), { reader });
  readPacket(unhex("1209 0807 1801 2203 0a0162"), { reader });
  assert.equal(readPacket(unhex("1204 0808 1801"), { reader }).envelopes[0]?.head?.component, "b");
});
