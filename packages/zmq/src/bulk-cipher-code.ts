import { buildModule, type Code, get, I32, I64, loop, offset, op, set, signed, simd, V128 } from "./wasm-builder.ts";

/** Where the module's memory holds what, in bytes from its start. */
export const LAYOUT = {
  /** The 16 words of Salsa20's input block; word 8 counts blocks and is moved on by `stream`. */
  salsa: 0,
  /** Poly1305's key in five limbs of 26 bits, each in 64. */
  polyKey: 64,
  /** Poly1305's sum in five limbs of 26 bits, each in 64. */
  polySum: 104,
  /** Data, up to the end of memory. */
  data: 256,
  pages: 2,
} as const;

const LIMB_BITS = 26;
const LIMB_MASK = 2 ** LIMB_BITS - 1;

const i32 = {
  add: 0x6a,
  sub: 0x6b,
  load: (address: number): Code => [0x41, ...signed(address), 0x28, ...offset(0)],
  const: (value: number): Code => [0x41, ...signed(value)],
} as const;

const i64 = {
  add: 0x7c,
  mul: 0x7e,
  and: 0x83,
  or: 0x84,
  shl: 0x86,
  shiftRight: 0x88,
  fromI32: 0xad,
  const: (value: number): Code => [0x42, ...signed(value)],
} as const;

/**
 * Assembles the module with the two loops that bulk encryption spends its time in.
 *
 * `stream(at, groups)` xors `groups` times 256 bytes at `at` with Salsa20's key stream, four blocks side by side.
 * `authenticate(at, blocks, high)` adds `blocks` blocks of 16 bytes at `at` to Poly1305's sum; `high` is 1 for whole
 * blocks, 0 for the last one, which the caller has padded. Neither branches on data nor uses it as an address.
 */
export function buildBulkCipher(): Uint8Array<ArrayBuffer> {
  return buildModule(LAYOUT.pages, [
    {
      name: "stream",
      parameters: [I32, I32],
      locals: [
        { count: 1, type: I32 },
        { count: 21, type: V128 },
      ],
      body: streamBody(),
    },
    {
      name: "authenticate",
      parameters: [I32, I32, I32],
      locals: [{ count: 21, type: I64 }],
      body: authenticateBody(),
    },
  ]);
}

// Locals of stream: 0 address, 1 groups left, 2 rounds left, 3-18 the state, 19-22 a transposition, 23 a sum.
const ADDRESS = 0;
const LEFT = 1;
const ROUNDS = 2;
const STATE = 3;
const TURNED = 19;
const SUM = 23;
const BLOCK_NUMBERS = [0, 1, 2, 3].flatMap((number) => [number, 0, 0, 0]);
const COUNTER = 8;

type Step = readonly [target: number, left: number, right: number, bits: number];
const COLUMNS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
] as const;
const ROWS = [
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

/** The four quarters of a half round do not depend on each other: step by step they keep the processor busy. */
function halfRound(quarters: readonly (readonly [number, number, number, number])[]): readonly Step[] {
  return [
    ...quarters.map(([a, b, , d]): Step => [b, a, d, 7]),
    ...quarters.map(([a, b, c]): Step => [c, b, a, 9]),
    ...quarters.map(([, b, c, d]): Step => [d, c, b, 13]),
    ...quarters.map(([a, , c, d]): Step => [a, d, c, 18]),
  ];
}

function streamBody(): Code {
  const words = Array.from({ length: 16 }, (_, word) => word);
  const group = [
    ...words.flatMap((word) => set(STATE + word, inputWord(word))),
    ...set(ROUNDS, i32.const(10)),
    ...loop(
      [
        ...[...halfRound(COLUMNS), ...halfRound(ROWS)].flatMap(roundStep),
        ...set(ROUNDS, op(i32.sub, get(ROUNDS), i32.const(1))),
      ],
      get(ROUNDS),
    ),
    ...words.flatMap((word) => set(STATE + word, add4(get(STATE + word), inputWord(word)))),
    ...[0, 4, 8, 12].flatMap(xorWords),
    ...[...i32.const(LAYOUT.salsa), ...op(i32.add, i32.load(LAYOUT.salsa + 4 * COUNTER), i32.const(4))],
    ...[0x36, ...offset(4 * COUNTER)],
    ...set(ADDRESS, op(i32.add, get(ADDRESS), i32.const(256))),
    ...set(LEFT, op(i32.sub, get(LEFT), i32.const(1))),
  ];
  return loop(group, get(LEFT));
}

/** One word of the input block for four blocks; only the counter differs between them. */
function inputWord(word: number): Code {
  const splat = simd(0x09, [i32.const(LAYOUT.salsa)], offset(4 * word));
  return word === COUNTER ? add4(splat, simd(0x0c, [], BLOCK_NUMBERS)) : splat;
}

function add4(left: Code, right: Code): Code {
  return simd(0xae, [left, right]);
}

function roundStep([target, left, right, bits]: Step): Code {
  const rotated = simd(0x50, [simd(0xab, [get(SUM), i32.const(bits)]), simd(0xad, [get(SUM), i32.const(32 - bits)])]);
  return [
    ...set(SUM, add4(get(STATE + left), get(STATE + right))),
    ...set(STATE + target, simd(0x51, [get(STATE + target), rotated])),
  ];
}

/** Turns four words of four blocks into four blocks of four words, and xors them into the data. */
function xorWords(word: number): Code {
  const [a, b, c, d] = [0, 1, 2, 3].map((index) => get(STATE + word + index)) as [Code, Code, Code, Code];
  const [ab, abHigh, cd, cdHigh] = [0, 1, 2, 3].map((index) => get(TURNED + index)) as [Code, Code, Code, Code];
  const low = [0, 4, 1, 5];
  const high = [2, 6, 3, 7];
  const blocks = [shuffle(ab, cd, [0, 1, 4, 5]), shuffle(ab, cd, [2, 3, 6, 7])];
  blocks.push(shuffle(abHigh, cdHigh, [0, 1, 4, 5]), shuffle(abHigh, cdHigh, [2, 3, 6, 7]));
  return [
    ...set(TURNED, shuffle(a, b, low)),
    ...set(TURNED + 1, shuffle(a, b, high)),
    ...set(TURNED + 2, shuffle(c, d, low)),
    ...set(TURNED + 3, shuffle(c, d, high)),
    ...blocks.flatMap((block, index) => {
      const place = offset(64 * index + 4 * word);
      const data = simd(0x00, [get(ADDRESS)], place);
      return simd(0x0b, [get(ADDRESS), simd(0x51, [data, block])], place);
    }),
  ];
}

/** Picks four of eight words: 0-3 of the first vector, 4-7 of the second. */
function shuffle(first: Code, second: Code, words: readonly number[]): Code {
  const lanes = words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
  return simd(0x0d, [first, second], lanes);
}

// Locals of authenticate: 0 address, 1 blocks left, 2 high, 3-7 the key, 8-11 five times the key's upper limbs,
// 12-16 the sum, 17-21 the products, 22 the carry, 23 the bit above each block.
const HIGH = 2;
const KEY = 3;
const KEY5 = 7;
const LIMB = 12;
const PRODUCT = 17;
const CARRY = 22;
const TOP = 23;
const LIMBS = [0, 1, 2, 3, 4];

function authenticateBody(): Code {
  return [
    ...LIMBS.flatMap((limb) => set(KEY + limb, load64(LAYOUT.polyKey + 8 * limb))),
    ...LIMBS.slice(1).flatMap((limb) => set(KEY5 + limb, op(i64.mul, get(KEY + limb), i64.const(5)))),
    ...LIMBS.flatMap((limb) => set(LIMB + limb, load64(LAYOUT.polySum + 8 * limb))),
    ...set(TOP, op(i64.shl, op(i64.fromI32, get(HIGH)), i64.const(24))),
    ...loop(
      [
        ...LIMBS.flatMap(addBlockLimb),
        ...LIMBS.flatMap(multiplyLimb),
        ...carryLimbs(),
        ...set(ADDRESS, op(i32.add, get(ADDRESS), i32.const(16))),
        ...set(LEFT, op(i32.sub, get(LEFT), i32.const(1))),
      ],
      get(LEFT),
    ),
    ...LIMBS.flatMap((limb) => [...i32.const(LAYOUT.polySum), ...get(LIMB + limb), 0x37, ...offset(8 * limb)]),
  ];
}

function load64(address: number): Code {
  return [...i32.const(address), 0x29, ...offset(0)];
}

/** Limb n of a block is its bits from 26 n on: the 32 bits at byte 3 n, less their lowest 2 n. */
function addBlockLimb(limb: number): Code {
  const shifted = op(i64.shiftRight, [...get(ADDRESS), 0x35, ...offset(3 * limb)], i64.const(2 * limb));
  const part = limb === 4 ? op(i64.or, shifted, get(TOP)) : op(i64.and, shifted, i64.const(LIMB_MASK));
  return set(LIMB + limb, op(i64.add, get(LIMB + limb), part));
}

/** One limb of sum times key modulo 2^130 - 5: what would land above limb 4 comes back five times at the bottom. */
function multiplyLimb(limb: number): Code {
  const terms = LIMBS.map((index) => {
    const factor = index <= limb ? KEY + limb - index : KEY5 + 5 + limb - index;
    return op(i64.mul, get(LIMB + index), get(factor));
  });
  return set(
    PRODUCT + limb,
    terms.reduce((sum, term) => op(i64.add, sum, term)),
  );
}

function carryLimbs(): Code {
  const low = (product: number) => op(i64.and, get(product), i64.const(LIMB_MASK));
  const over = (product: number) => op(i64.shiftRight, get(product), i64.const(LIMB_BITS));
  return [
    ...LIMBS.flatMap((limb) => [
      ...(limb === 0 ? [] : set(PRODUCT + limb, op(i64.add, get(PRODUCT + limb), get(CARRY)))),
      ...set(CARRY, over(PRODUCT + limb)),
      ...set(LIMB + limb, low(PRODUCT + limb)),
    ]),
    ...set(LIMB, op(i64.add, get(LIMB), op(i64.mul, get(CARRY), i64.const(5)))),
    ...set(CARRY, over(LIMB)),
    ...set(LIMB, low(LIMB)),
    ...set(LIMB + 1, op(i64.add, get(LIMB + 1), get(CARRY))),
  ];
}
