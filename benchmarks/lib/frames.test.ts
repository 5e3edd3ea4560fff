import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { FrameReader, FrameWriter } from "./frames.ts";
import { payloadBytes } from "./payloads.ts";

const SIZES = [0, 1, 64, 142, 1024, 8192, 8193, 16_384, 65_536, 300_000];

/** What a writer sends for these payloads: a socket that copies at once, as a kernel does. */
async function written(payloads: readonly Buffer[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const socket = {
    cork: () => undefined,
    uncork: () => undefined,
    write: (chunk: Uint8Array, done?: () => void) => {
      chunks.push(Buffer.from(chunk));
      done?.();
    },
  };
  const writer = new FrameWriter(socket as unknown as Socket);
  for (const [id, payload] of payloads.entries()) {
    writer.write(id, payload);
    if (id % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
  return Buffer.concat(chunks);
}

for (const chunkBytes of [1000, 4096, 65_536, 10_000_000]) {
  test(`FrameReader gives back what FrameWriter wrote, in chunks of ${chunkBytes}`, async () => {
    const payloads = Array.from({ length: 200 }, (_, index) => payloadBytes(SIZES[index % SIZES.length] ?? 0));
    const stream = await written(payloads);
    const read: Buffer[] = [];
    const reader = new FrameReader((id, payload) => {
      assert.equal(id, read.length);
      read.push(Buffer.from(payload));
    });
    for (let at = 0; at < stream.length; at += chunkBytes) reader.read(stream.subarray(at, at + chunkBytes));
    assert.equal(read.length, payloads.length);
    for (const [index, payload] of payloads.entries()) assert.ok(payload.equals(read[index] ?? Buffer.alloc(0)));
  });
}
