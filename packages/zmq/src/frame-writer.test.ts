import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FLAG_COMMAND, FLAG_MORE } from "./frame.ts";
import { createFrameDecoder } from "./frame-decoder.ts";
import { createFrameWriter, type FrameSealer, type FrameWriter } from "./frame-writer.ts";
import { COPY_BYTES_MAX, FLUSH_BYTES_MAX, PACKET_BYTES, SEALED_FLUSH_BYTES_MAX, SLAB_BYTES } from "./limits.ts";

/** Puts 33 bytes of its own before the plain text and inverts that. */
const inverter: FrameSealer = {
  prefixBytes: 33,
  seal(bytes, { start, end, flags }) {
    bytes.fill(0xee, start, start + 32);
    bytes[start + 32] = flags;
    for (let at = start + 33; at < end; at++) bytes[at] = ~(bytes[at] as number);
  },
};

interface Written {
  readonly flags: number;
  readonly body: Buffer;
}

function decode(segments: readonly Uint8Array[]): Written[] {
  const decoder = createFrameDecoder(1e8);
  decoder.push(Uint8Array.from(Buffer.concat(segments)));
  const frames: Written[] = [];
  for (let body = decoder.next(); body !== undefined; body = decoder.next()) {
    frames.push({ flags: decoder.flags, body: Buffer.from(body) });
  }
  assert.equal(decoder.inFrame, false);
  return frames;
}

function unseal({ body }: Written): Written {
  assert.ok(body.subarray(0, 32).every((byte) => byte === 0xee));
  return { flags: body[32] as number, body: Buffer.from(body.subarray(33).map((byte) => ~byte)) };
}

function writeInPlace(writer: FrameWriter, bytes: Uint8Array): void {
  const at = writer.reserve(bytes.length);
  writer.bytes.set(bytes, at);
  writer.commit(at + bytes.length);
}

const sizes = fc.oneof(
  fc.nat(300),
  fc.integer({ min: 240, max: 270 }),
  fc.integer({ min: COPY_BYTES_MAX - 20, max: COPY_BYTES_MAX + 20 }),
  fc.integer({ min: SLAB_BYTES - 60, max: SLAB_BYTES + 60 }),
  fc.nat(200_000),
);
const actions = fc.array(fc.record({ kind: fc.constantFrom("write", "place", "place", "frame", "end"), size: sizes }), {
  minLength: 1,
  maxLength: 30,
});

for (const sealed of [false, true]) {
  test(`createFrameWriter writes what a decoder reads back, ${sealed ? "sealed" : "in the clear"}`, () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 3 }), (flushes) => {
        const writer = createFrameWriter();
        if (sealed) writer.setSealer(inverter);
        for (const flush of flushes) {
          const expected: Written[] = [];
          let packet: Buffer[] = [];
          const endPacket = () => {
            if (packet.length > 0) expected.push({ flags: 0, body: Buffer.concat(packet) });
            packet = [];
          };
          for (const [index, { kind, size }] of flush.entries()) {
            const body = Buffer.alloc(size, index + 1);
            if (kind === "frame") {
              endPacket();
              writer.writeFrame(FLAG_MORE, body);
              expected.push({ flags: FLAG_MORE, body });
            } else if (kind === "end") {
              endPacket();
              writer.endPacket();
            } else {
              packet.push(body);
              if (kind === "write") writer.write(body);
              else writeInPlace(writer, body);
            }
          }
          endPacket();
          const segments = writer.take();
          const frames = decode(segments);
          assert.deepEqual(sealed ? frames.map(unseal) : frames, expected);
          writer.release(true);
        }
      }),
      { numRuns: 150 },
    );
  });
}

test("createFrameWriter sends a large body as it is, without a copy", () => {
  const writer = createFrameWriter();
  const body = new Uint8Array(COPY_BYTES_MAX + 1);
  writer.write(body);
  assert.ok(writer.take().includes(body));
});

test("createFrameWriter puts everything small into one buffer", () => {
  const writer = createFrameWriter();
  for (let item = 0; item < 100; item++) writeInPlace(writer, new Uint8Array(64));
  assert.equal(writer.take().length, 1);
});

test("createFrameWriter cuts packets between items only, soon after their size", () => {
  const writer = createFrameWriter();
  for (let item = 0; item < 200; item++) {
    writer.write(new Uint8Array(500));
    writer.write(new Uint8Array(500));
    writer.endItem();
  }
  const frames = decode(writer.take());
  const full = Math.ceil(PACKET_BYTES / 1000) * 1000;
  const sizes = frames.map(({ body }) => body.length);
  assert.deepEqual(sizes, [
    ...new Array(Math.floor(200_000 / full)).fill(full),
    ...(200_000 % full === 0 ? [] : [200_000 % full]),
  ]);
});

for (const [name, sealer, bound] of [
  ["in the clear", undefined, FLUSH_BYTES_MAX],
  ["sealed", inverter, SEALED_FLUSH_BYTES_MAX],
] as const) {
  test(`createFrameWriter says when a flush is full, ${name}`, () => {
    const writer = createFrameWriter();
    if (sealer !== undefined) writer.setSealer(sealer);
    let items = 0;
    do {
      assert.equal(writer.full, false);
      writer.write(new Uint8Array(1000));
      items++;
    } while (writer.endItem());
    assert.equal(writer.full, true);
    assert.ok(items * 1000 <= bound + 1000 && items * 1000 > bound - 1000, `${items} items`);
  });
}

test("createFrameWriter does not write again what the kernel still needs, and uses up the slab meanwhile", () => {
  const writer = createFrameWriter();
  const segments: Uint8Array[] = [];
  for (let flush = 0; flush < 5000; flush++) {
    writeInPlace(writer, new Uint8Array(100).fill(flush));
    segments.push(...writer.take());
    writer.release(false);
  }
  for (const [flush, segment] of segments.entries()) assert.equal(segment.at(-1), flush & 255);
  const buffers = new Set(segments.map(({ buffer }) => buffer));
  assert.ok(buffers.size <= Math.ceil((5000 * 111) / SLAB_BYTES) + 1, `${buffers.size} slabs`);
});

test("createFrameWriter writes a slab again once the kernel has taken it", () => {
  const writer = createFrameWriter();
  const buffers = new Set<ArrayBufferLike>();
  for (let flush = 0; flush < 100; flush++) {
    writeInPlace(writer, new Uint8Array(60_000));
    for (const { buffer } of writer.take()) buffers.add(buffer);
    writer.release(true);
  }
  assert.equal(buffers.size, 1);
});

test("createFrameWriter refuses a commit past what was reserved", () => {
  const writer = createFrameWriter();
  writer.reserve(10);
  assert.throws(() => writer.commit(SLAB_BYTES + 1), { name: "RangeError" });
});

test("createFrameWriter keeps the flags of a command", () => {
  const writer = createFrameWriter();
  writer.writeFrame(FLAG_COMMAND, Uint8Array.of(1));
  assert.deepEqual(decode(writer.take()), [{ flags: FLAG_COMMAND, body: Buffer.of(1) }]);
});
