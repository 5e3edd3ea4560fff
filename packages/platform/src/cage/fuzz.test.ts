import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { guestRequest } from "@orrery/guest/abi";
import { HANDLE, handModule, whenLong } from "../testing/hand-module.ts";
import { createCage } from "./system-cage.ts";

/** Mutated modules; ORRERY_LONG takes more. */
const MUTANTS = process.env["ORRERY_LONG"] === undefined ? 2_000 : 10_000;
const SEED = Number(process.env["ORRERY_SEED"] ?? 20_261_122);

/** Modules that are spoilt: each has other instructions and sections. */
const MODULES = [
  handModule(),
  handModule({ handle: whenLong([0x03, 0x40, 0x0c, 0x00, 0x0b, 0x00]), table: [1, 0x70, 1, 1, 9] }),
  handModule({
    handle: [0x20, 0, 0x20, 1, 0x10, 0],
    global: [1, 0x7f, 1, 0x41, 5, 0x0b],
    start: [0x41, 1, 0x40, 0, 0x1a],
  }),
  handModule({ handle: whenLong([0x20, 0, 0x20, 1, 0x10, HANDLE, 0x1a]), memory: [1, 1, 1, 9] }),
  handModule({ handle: [0x41, 1, 0x41, 3, 0x41, 2, 0x10, 1, 0x42, 0] }),
];

test("createMechtron loads or refuses every mutated module, and its host goes on", async (t) => {
  const random = createSeededRandom(SEED);
  const ends = new Map<string, number>();
  const note = (end: string) => ends.set(end, (ends.get(end) ?? 0) + 1);
  await using cage = createCage({ spare: 3 });
  const run = async (code: Uint8Array) => {
    try {
      const limits = { wallMs: 40, startMs: 400, memoryBytes: 4 * 65_536 };
      const mechtron = cage.createMechtron({ name: "mutant", code, kind: "wasm", limits });
      try {
        await mechtron.handle(
          guestRequest({ service: "s", method: "m", body: new Uint8Array(random.integer(2) * 100) }),
        );
        note("reply");
      } finally {
        mechtron.close();
      }
    } catch (error) {
      if (!isOrreryError(error)) throw error;
      note(error.code);
    }
  };
  for (let count = 0; count < MUTANTS; count++) {
    const whole = MODULES[count % MODULES.length] ?? handModule();
    const mutant = count % 16 === 0 ? handModule({ handle: anyCode(random.integer) }) : mutate(whole, random.integer);
    await run(mutant).catch((cause: unknown) => {
      throw new Error(`mutant ${count} of seed ${SEED}: ${Buffer.from(mutant).toString("hex")}`, { cause });
    });
  }
  t.diagnostic([...ends].map(([end, count]) => `${end} ${count}`).join(", "));
  assert.equal(
    [...ends.values()].reduce((sum, count) => sum + count, 0),
    MUTANTS,
  );
  for (const end of ["reply", "invalid_argument", "failed_precondition"]) assert.ok((ends.get(end) ?? 0) > 0, end);
  await run(handModule());
  assert.equal(cage.live, 0);
});

/** Instructions that are well formed, and mostly fit together: pieces that each leave the stack as it was, then a reply of any sort. */
function anyCode(below: (bound: number) => number): number[] {
  const pieces = [
    [0x20, below(2), 0x40, 0, 0x1a],
    [0x41, below(64), 0x41, below(64), 0x36, 2, below(64)],
    [0x41, below(128), 0x28, 2, below(64), 0x1a],
    [0x03, 0x40, 0x41, below(2), 0x0d, 0, 0x0b],
    [0x41, below(4), 0x41, below(64), 0x41, below(64), 0x10, 1],
    [0x41, below(64), 0x41, below(64), 0x10, 0, 0x1a],
    [0x20, 0, 0x20, 1, 0x10, below(6), 0x1a],
    [0x41, below(128), 0x04, 0x40, 0x00, 0x0b],
  ];
  const chosen = Array.from({ length: 1 + below(4) }, () => pieces[below(pieces.length)] ?? []);
  return [...chosen.flat(), 0x42, below(128)];
}

/** Spoils a module in one to three places: bytes that change, go, come, or are taken from elsewhere in it. */
function mutate(module: Uint8Array, below: (bound: number) => number): Uint8Array {
  const bytes = [...module];
  const places = 1 + below(3);
  for (let place = 0; place < places; place++) {
    const at = 8 + below(bytes.length - 8);
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    else if (kind === 2) bytes.splice(at, 1);
    else if (kind === 3) bytes.splice(at, 0, below(256));
    else bytes.splice(at, 4, ...bytes.slice(8 + below(bytes.length - 8)).slice(0, 4));
  }
  return Uint8Array.from(bytes);
}
