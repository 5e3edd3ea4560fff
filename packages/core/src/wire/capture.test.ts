import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../testing/packets.ts";
import { type CapturedPacket, captureStart, encodeCapturedPacket, readCapture } from "./capture.ts";

const packets: readonly CapturedPacket[] = [
  { timeMs: 1_700_000_000_000.25, direction: "out", link: 1, peer: "tcp://1.2.3.4:5", packet: Uint8Array.of(1, 2, 3) },
  { timeMs: 1_700_000_000_001, direction: "in", link: 4_000_000_000, peer: "ö", packet: new Uint8Array(0) },
];

const file = () => Uint8Array.from(Buffer.concat([captureStart(), ...packets.map(encodeCapturedPacket)]));

test("readCapture gives back what encodeCapturedPacket wrote", () => {
  assert.deepEqual([...readCapture(file())], packets);
  assert.deepEqual([...readCapture(captureStart())], []);
});

test("encodeCapturedPacket writes the format that its page describes", () => {
  assert.equal(
    hex(encodeCapturedPacket(packets[1] as CapturedPacket)),
    "00000011" + "00" + "ee6b2800" + "4278bcfe56801000" + "0002" + "c3b6",
  );
});

test("readCapture gives the whole records of a file that breaks off, then says where", () => {
  const whole = file();
  const second = whole.length - encodeCapturedPacket(packets[1] as CapturedPacket).length;
  for (let length = second + 1; length < whole.length; length++) {
    const records = readCapture(whole.subarray(0, length));
    assert.deepEqual(records.next().value, packets[0]);
    const message = `Cannot read on in the capture: it breaks off at byte ${second} of ${length}, what came before is whole`;
    assert.throws(() => records.next(), { message });
  }
});

test("readCapture refuses a record whose peer runs over it", () => {
  const bad = file();
  bad[captureStart().length + 17] = 0xff;
  assert.throws(() => [...readCapture(bad)], /breaks off at byte 17 of/);
});

test("readCapture refuses what is no capture", () => {
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode("orrery capture 2\n")])
    assert.throws(() => [...readCapture(bytes)], {
      message: 'Cannot read the capture: it does not begin with "orrery capture 1", give a file that was captured',
    });
});
