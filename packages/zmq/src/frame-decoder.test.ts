import assert from "node:assert/strict";
import { test } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import fc from "fast-check";
import { PeerFault } from "./errors.ts";
import { encodeFrame, FLAG_COMMAND, FLAG_MORE } from "./frame.ts";
import { createFrameDecoder } from "./frame-decoder.ts";

interface Decoded {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** Pushes the bytes in chunks whose sizes repeat those given. */
function decodeAll(bytes: Uint8Array, chunkSizes: readonly number[], frameBytesMax = 1e6): Decoded[] {
  const decoder = createFrameDecoder(frameBytesMax);
  const frames: Decoded[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = chunkSizes[index % chunkSizes.length] ?? 1;
    decoder.push(bytes.slice(at, at + size));
    at += size;
    for (let body = decoder.next(); body !== undefined; body = decoder.next()) {
      frames.push({ flags: decoder.flags, body: Uint8Array.from(body) });
    }
  }
  return frames;
}

const bodySizes = fc.oneof(fc.nat(20), fc.integer({ min: 250, max: 260 }), fc.nat(70_000));
const frames = fc.array(fc.record({ flags: fc.constantFrom(0, FLAG_MORE, FLAG_COMMAND), size: bodySizes }), {
  maxLength: 12,
});

test("createFrameDecoder gives back every frame, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 8 }),
      (list, chunks) => {
        const sent = list.map(({ flags, size }, index) => ({ flags, body: new Uint8Array(size).fill(index + 1) }));
        const bytes = Buffer.concat(sent.map(({ flags, body }) => encodeFrame(flags, body)));
        assert.deepEqual(decodeAll(bytes, chunks), sent);
      },
    ),
    { numRuns: 150 },
  );
});

test("createFrameDecoder decodes byte by byte", () => {
  const sent = [0, 1, 255, 256, 300].map((size) => ({ flags: FLAG_MORE, body: new Uint8Array(size).fill(size) }));
  const bytes = Buffer.concat(sent.map(({ flags, body }) => encodeFrame(flags, body)));
  assert.deepEqual(decodeAll(bytes, [1]), sent);
});

test("createFrameDecoder copies nothing when a frame lies in one chunk", () => {
  const chunk = encodeFrame(0, new Uint8Array(1000));
  const decoder = createFrameDecoder(1000);
  decoder.push(chunk);
  assert.equal(decoder.next()?.buffer, chunk.buffer);
});

test("createFrameDecoder accepts a body at the bound", () => {
  assert.equal(decodeAll(encodeFrame(0, new Uint8Array(1000)), [100], 1000)[0]?.body.length, 1000);
});

test("createFrameDecoder knows whether it is inside a frame", () => {
  const decoder = createFrameDecoder(1000);
  const bytes = encodeFrame(0, new Uint8Array(500));
  assert.equal(decoder.inFrame, false);
  for (const [start, end, inside] of [
    [0, 3, true],
    [3, 200, true],
    [200, bytes.length, false],
  ] as const) {
    decoder.push(bytes.slice(start, end));
    decoder.next();
    assert.equal(decoder.inFrame, inside);
  }
});

test("createFrameDecoder does not allocate what is only announced", () => {
  const decoder = createFrameDecoder(64 * 1024 * 1024);
  const bytes = new Uint8Array([2, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3]);
  const before = process.memoryUsage().arrayBuffers;
  decoder.push(bytes);
  assert.equal(decoder.next(), undefined);
  assert.ok(process.memoryUsage().arrayBuffers - before <= 2 * 1024 * 1024);
});

test("createFrameDecoder puts a frame of many megabytes together from small chunks", () => {
  const body = Buffer.alloc(5_000_000, "orrery");
  const [frame] = decodeAll(encodeFrame(0, body), [65_536], body.length);
  assert.equal(Buffer.compare(frame?.body ?? new Uint8Array(0), body), 0);
});

const rubbish = [
  { name: "an unknown flag", bytes: [0x08, 0], message: "it sent a frame with unknown flags 0x8" },
  { name: "all flags", bytes: [0xff], message: "it sent a frame with unknown flags 0xff" },
  {
    name: "a command with more parts",
    bytes: [5, 0],
    message: "it sent a command frame that claims to have more parts",
  },
  {
    name: "a frame one byte over the bound",
    bytes: [2, 0, 0, 0, 0, 0, 0, 3, 0xe9],
    message: "it announced a frame of 1001 bytes, at most 1000 are accepted here",
  },
  {
    name: "a size no machine holds",
    bytes: [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    message: "it announced a frame of 18446744073709552000 bytes, at most 1000 are accepted here",
  },
];

for (const { name, bytes, message } of rubbish) {
  for (const chunkSize of [1, bytes.length]) {
    test(`createFrameDecoder refuses ${name} in chunks of ${chunkSize}`, () => {
      const refusal = { name: "PeerFault", code: "protocol_violation", message };
      assert.throws(() => decodeAll(Uint8Array.from(bytes), [chunkSize], 1000), refusal);
    });
  }
}

test("createFrameDecoder survives 100,000 streams of rubbish", () => {
  const random = createSeededRandom(1).next;
  let refused = 0;
  let complete = 0;
  for (let round = 0; round < 100_000; round++) {
    const bytes = fuzzedStream(random);
    try {
      complete += decodeAll(bytes, [1 + Math.floor(random() * 40)], 500).length;
    } catch (error) {
      assert.ok(error instanceof PeerFault, String(error));
      refused++;
    }
  }
  assert.ok(refused > 10_000, `${refused} refused`);
  assert.ok(complete > 10_000, `${complete} complete`);
});

/** Pure noise, or proper frames with one byte changed. */
function fuzzedStream(random: () => number): Uint8Array {
  if (random() < 0.5) return Uint8Array.from({ length: Math.floor(random() * 80) }, () => Math.floor(random() * 256));
  const parts = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    encodeFrame(Math.floor(random() * 2), new Uint8Array(Math.floor(random() * 30))),
  );
  const bytes = Uint8Array.from(Buffer.concat(parts));
  bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  return bytes;
}
