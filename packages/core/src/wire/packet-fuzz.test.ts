import assert from "node:assert/strict";
import { test } from "node:test";
import { createSeededRandom } from "../conformance/seeded-random.ts";
import type { Random } from "../random.ts";
import { GOLDEN_PACKETS } from "../testing/golden-packets.ts";
import { unhex } from "../testing/packets.ts";
import { createPacketReader } from "./packet.ts";

const PACKETS = 100_000;
const SEED = Number(process.env["ORRERY_SEED"] ?? 20_261);

/** Bytes that are likely to mean something where they stand: tags, lengths that lie, ends of varints. */
const TELLING = [0x00, 0x01, 0x02, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x12, 0x22, 0x3a, 0x42, 0x62, 0x7f, 0x80, 0xa2, 0xff];

function mutate(random: Random, corpus: readonly Uint8Array[]): Uint8Array {
  const pick = () => corpus[random.integer(corpus.length)] as Uint8Array;
  let bytes: number[] = [...pick()];
  for (let change = 1 + random.integer(4); change > 0; change--) {
    const at = random.integer(bytes.length + 1);
    switch (random.integer(6)) {
      case 0:
        bytes[at] = random.integer(256);
        break;
      case 1:
        bytes[at] = TELLING[random.integer(TELLING.length)] as number;
        break;
      case 2:
        bytes.splice(at, random.integer(4));
        break;
      case 3:
        bytes.splice(at, 0, ...random.bytes(random.integer(12)));
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes.push(...pick());
    }
  }
  return Uint8Array.from(bytes);
}

test(`createPacketReader survives ${PACKETS} mutated packets with clean errors and bounded memory`, () => {
  const random = createSeededRandom(SEED);
  const corpus = GOLDEN_PACKETS.map((packet) => unhex(packet.hex));
  const taker = { control: () => undefined, envelope: () => undefined };
  const counts = { read: 0, refused: 0 };
  let reader = createPacketReader();
  const before = process.memoryUsage();
  for (let index = 0; index < PACKETS; index++) {
    if (index % 100 === 0) reader = createPacketReader(); // A refused packet ends a connection; some do live long.
    const packet = mutate(random, corpus);
    try {
      reader.read(packet, 0, taker);
      counts.read++;
    } catch (error) {
      counts.refused++;
      const of = `packet ${Buffer.from(packet).toString("hex")}, replay by ORRERY_SEED=${SEED}`;
      assert.equal((error as Error).constructor, Error, `${error} of ${of}`);
      assert.match((error as Error).message, /^\S.* at byte \d+ of \d+$/, of);
    }
  }
  const after = process.memoryUsage();
  assert.ok(counts.read > PACKETS / 20 && counts.refused > PACKETS / 20, JSON.stringify(counts));
  assert.ok(after.arrayBuffers - before.arrayBuffers < 64 * 1024 * 1024, "array buffers grew");
  assert.ok(after.heapUsed - before.heapUsed < 128 * 1024 * 1024, "the heap grew");
});
