import { strict as assert } from "node:assert/strict";
import { test } from "node:test";
import { type HandModule, handModule } from "../testing/hand-module.ts";
import { checkModule } from "./check-module.ts";
import { MODULE_BYTES_MAX, PAGE_BYTES } from "./limits.ts";

const MEMORY_BYTES = 4 * PAGE_BYTES;

test("checkModule bounds a memory that has no end", () => {
  const memory = memoryOf(checkModule(handModule(), MEMORY_BYTES));
  assert.equal(memory.grow(3), 1);
  assert.throws(() => memory.grow(1), RangeError);
});

test("checkModule lowers a memory's end, and leaves a lower one", () => {
  const high = memoryOf(checkModule(handModule({ memory: [1, 1, 1, 0xff, 0xff, 0x03] }), MEMORY_BYTES));
  assert.throws(() => high.grow(4), RangeError);
  const low = memoryOf(checkModule(handModule({ memory: [1, 1, 1, 2] }), MEMORY_BYTES));
  assert.throws(() => low.grow(2), RangeError);
});

test("checkModule bounds tables", () => {
  const checked = checkModule(handModule({ table: [1, 0x70, 0, 1] }), MEMORY_BYTES);
  assert.ok(WebAssembly.validate(checked));
  assert.ok(Buffer.from(checked).includes(Buffer.from([4, 7, 1, 0x70, 1, 1, 0xd0, 0x86, 0x03])));
});

test("checkModule leaves out custom sections", () => {
  const custom = handModule({ more: [[0, [4, ...Buffer.from("name"), 1, 2, 3]]] });
  const checked = checkModule(custom, MEMORY_BYTES);
  assert.ok(checked.length < custom.length);
  assert.equal(WebAssembly.Module.customSections(new WebAssembly.Module(checked), "name").length, 0);
});

const refused: readonly [what: string, parts: HandModule, why: RegExp][] = [
  [
    "WASI",
    { from: "wasi" },
    /it imports "wasi\.call"; a mechtron may import orrery\.call and orrery\.log only, no WASI/,
  ],
  ["a shared memory", { memory: [1, 3, 1, 2] }, /its memory is shared, or of 64 bits/],
  ["a memory of 64 bits", { memory: [1, 4, 1] }, /its memory is shared, or of 64 bits/],
  ["two memories", { memory: [2, 0, 1, 0, 1] }, /it has 2 memories/],
  ["no memory", { memory: [0] }, /it has 0 memories/],
  ["a memory that begins too large", { memory: [1, 0, 5] }, /begins with 327680 bytes of memory, the limit is 262144/],
  ["a table of other things", { table: [1, 0x6f, 0, 1] }, /a table holds something else/],
  ["a large table", { table: [1, 0x70, 0, 0xff, 0xff, 0x7f] }, /a table has 2097151 entries, the limit is 50000/],
  ["many tables", { table: [17] }, /17 tables, the limit is 16/],
  ["a struct", { types: { count: 1, bytes: [0x5f, 0] } }, /a type is no function; build without garbage collection/],
  ["a group of types", { types: { count: 1, bytes: [0x4e, 0] } }, /a type is no function/],
  ["a reference", { types: { count: 1, bytes: [0x60, 1, 0x6f, 0] } }, /a value has type 0x6f/],
  ["an exception", { more: [[13, [1, 0, 5]]] }, /section 13 belongs to a proposal/],
  ["a section twice", { more: [[5, [1, 0, 1]]] }, /section 5 comes twice/],
  ["a global that allocates", { global: [1, 0x7f, 0, 0xfb, 0, 0x0b] }, /begins as the result of instruction 0xfb/],
  ["no memory that is exported", { without: ["memory"] }, /does not export its memory/],
  ["no handler", { without: ["orrery_handle"] }, /does not export the function orrery_handle/],
];
for (const [what, parts, why] of refused) {
  test(`checkModule refuses ${what}`, () => {
    assert.throws(() => checkModule(handModule(parts), MEMORY_BYTES), { code: "invalid_argument", message: why });
  });
}

const bytes: readonly [what: string, module: Uint8Array, why: RegExp][] = [
  ["nothing", new Uint8Array(0), /it is cut short \(at byte 0\)/],
  ["a text", Buffer.from("export default 1"), /it is no WebAssembly module of version 1/],
  ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), /it is no WebAssembly module of version 1/],
  ["a module that is cut short", handModule().subarray(0, 60), /it is cut short/],
  ["a module one byte too large", new Uint8Array(MODULE_BYTES_MAX + 1), /the limit is 8388608; leave out what debugs/],
];
for (const [what, module, why] of bytes) {
  test(`checkModule refuses ${what}`, () => {
    assert.throws(() => checkModule(module, MEMORY_BYTES), { code: "invalid_argument", message: why });
  });
}

function memoryOf(module: Uint8Array<ArrayBuffer>): WebAssembly.Memory {
  const orrery = { call: () => 0n, log: () => {} };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { orrery });
  return exports["memory"] as WebAssembly.Memory;
}
