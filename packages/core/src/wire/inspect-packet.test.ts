import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { createSeededRandom } from "../conformance/seeded-random.ts";
import { createEnvelope, Kind } from "../envelope.ts";
import { ControlSchema } from "../gen/orrery/control/v1/control_pb.ts";
import { INSPECTED_OPEN_MAX } from "../limits.ts";
import { GOLDEN_HEAD, GOLDEN_PACKETS } from "../testing/golden-packets.ts";
import { packetOf, unhex } from "../testing/packets.ts";
import { createPacketInspector } from "./inspect-packet.ts";

const golden = (name: string) => unhex(GOLDEN_PACKETS.find((packet) => packet.name === name)?.hex ?? "");

test("createPacketInspector shows who, what, flow, deadline, kind and outcome of every golden packet", () => {
  const inspector = createPacketInspector();
  const lines = (name: string, direction: "in" | "out" = "out") => inspector.inspect(golden(name), direction);
  assert.deepEqual(lines("hello"), ["hello, from desk, incarnation 1700000000000, wire 1, orrery/0.1.0"]);
  assert.deepEqual(lines("request"), [
    "request 1, weather.v1.Weather.Today, from desk, agent anna, within 30 s, body 6 B",
  ]);
  assert.deepEqual(lines("later request"), [
    "request 2, weather.v1.Weather.Today, from desk, agent anna, within 30 s, body 6 B",
  ]);
  assert.deepEqual(lines("reply", "in"), ["reply 1, of weather.v1.Weather.Today, body 2 B"]);
  assert.deepEqual(lines("bounce", "in"), [
    'reply 2, of weather.v1.Weather.Today, bounced no_such_component (not_found, definite) at oslo with "Cannot call component \\"weather.v1.Weather\\": node \\"oslo\\" has none"',
  ]);
  assert.deepEqual(lines("cancel"), ["cancel 2, of weather.v1.Weather.Today"]);
  assert.deepEqual(lines("one-way"), [
    "one-way 3, weather.v1.Weather.Note, mode async, from desk, agent anna, key k-7",
  ]);
  assert.deepEqual(lines("stream"), [
    "stream-open 4, weather.v1.Weather.Watch, mode stream, from desk, agent anna, credit 64, idle 60 s, body 6 B",
    "stream-item 4, body 2 B",
    "stream-credit 4, of weather.v1.Weather.Watch, credit 32",
    "stream-end 4",
  ]);
  assert.deepEqual(lines("broadcast with everything"), [
    "broadcast 5, space:a, version 1.2.3, mode broadcast, at w.0, from desk/d.0, agent anna, horizon host 2.5 ms away 0 gateways else drop, flow desk/9 booking, under flow 8, via a.0 > b.0, attempt 1, shard s, order 0001, trace 01010101010101010101010101010101-0202020202020202, body 2 B application/json",
  ]);
});

test("createPacketInspector says what a capture that began late does not tell", () => {
  const inspector = createPacketInspector();
  assert.deepEqual(inspector.inspect(golden("later request"), "out"), [
    "request 2, route 1, which the capture does not declare, within 30 s, body 6 B",
  ]);
  assert.deepEqual(inspector.inspect(golden("reply"), "in"), ["reply 1, body 2 B"]);
});

test("createPacketInspector keeps the two directions apart", () => {
  const inspector = createPacketInspector();
  inspector.inspect(golden("request"), "out");
  assert.match(
    inspector.inspect(golden("later request"), "in")[0] ?? "",
    /route 1, which the capture does not declare/,
  );
  assert.deepEqual(inspector.inspect(golden("reply"), "out"), ["reply 1, body 2 B"]);
});

test("createPacketInspector shows every control message", () => {
  const line = (message: NonNullable<Parameters<typeof create<typeof ControlSchema>>[1]>["message"]) => {
    const bytes = toBinary(ControlSchema, create(ControlSchema, message === undefined ? {} : { message }));
    return createPacketInspector().inspect(packetOf([{ plane: "control", bytes }]), "in");
  };
  assert.deepEqual(line({ case: "ping", value: { id: 3n, sentUs: 2500n } }), ["ping 3, at 2.5 ms"]);
  assert.deepEqual(line({ case: "pong", value: { id: 3n, answeredUs: 900n } }), ["pong 3, at 900 µs"]);
  assert.deepEqual(line({ case: "describe", value: { id: 4n } }), ["describe 4"]);
  assert.deepEqual(
    line({ case: "description", value: { id: 4n, node: "n", components: [{ name: "a.B", version: "1.0.0" }] } }),
    ["description 4, from n, incarnation 0, serves a.B@1.0.0"],
  );
  assert.deepEqual(line({ case: "leave", value: { reason: "going home" } }), ['leave, because "going home"']);
  assert.deepEqual(line({ case: "leave", value: { reason: "done", id: 7n } }), ["leave 7, because done"]);
  assert.deepEqual(line({ case: "settled", value: { id: 7n } }), ["settled 7"]);
  assert.deepEqual(line(undefined), ["control of a newer peer, 0 B"]);
});

test("createPacketInspector shows what a newer peer says as far as it can", () => {
  assert.deepEqual(createPacketInspector().inspect(unhex("120c 0801 1009 800102 c00c05 c00c06"), "in"), [
    "kind 9 1, wire 2, 2 fields of a newer peer",
  ]);
});

test("createPacketInspector escapes texts that could steer a terminal", () => {
  const packet = unhex("120d 0801 2209 0a04 1b5b326a 120168");
  assert.match(createPacketInspector().inspect(packet, "in")[0] ?? "", /^request 1, "\\u001b\[2j"\.h$/);
});

test("createPacketInspector gives one line for rubbish, whatever it is", () => {
  const inspector = createPacketInspector();
  assert.match(inspector.inspect(unhex("12ff"), "in")[0] ?? "", /^no packet, 2 B: /);
  assert.match(inspector.inspect(unhex("0a02ffff"), "in")[0] ?? "", /^control, no message, 2 B: /);
  const random = createSeededRandom(7);
  for (let round = 0; round < 5000; round++) {
    const packet = golden("broadcast with everything");
    packet[random.integer(packet.length)] = random.integer(256);
    const lines = inspector.inspect(packet, "in");
    assert.ok(lines.every((line) => !line.includes("\n")));
  }
});

test(`createPacketInspector remembers what the last ${INSPECTED_OPEN_MAX} messages were about`, () => {
  const inspector = createPacketInspector();
  for (let first = 1; first <= INSPECTED_OPEN_MAX; first += 4096) {
    const messages = Array.from({ length: 4096 }, (_, index) =>
      createEnvelope(Kind.request, first + index, GOLDEN_HEAD),
    );
    inspector.inspect(packetOf(messages), "out");
  }
  const answer = (id: number) => inspector.inspect(packetOf([createEnvelope(Kind.reply, id)]), "in")[0];
  assert.equal(answer(1), "reply 1, of weather.v1.Weather.Today");
  inspector.inspect(packetOf([createEnvelope(Kind.request, INSPECTED_OPEN_MAX + 1, GOLDEN_HEAD)]), "out");
  assert.equal(answer(1), "reply 1");
  assert.equal(answer(2), "reply 2, of weather.v1.Weather.Today");
});
