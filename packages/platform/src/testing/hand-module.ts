/** Parts of a module that is written by hand; what is absent is as a good mechtron has it. */
export interface HandModule {
  /** Instructions of `orrery_handle`, without the last `end`. Default: an empty reply. */
  readonly handle?: readonly number[];
  /** Instructions of `orrery_alloc`. Default: always 1,024. */
  readonly alloc?: readonly number[];
  /** Instructions that run at the start. Default: there is no start. */
  readonly start?: readonly number[];
  /** What `orrery_abi` gives. Default: 1. */
  readonly abi?: number;
  /** Content of the memory section. Default: one memory of one page, without an end. */
  readonly memory?: readonly number[];
  /** Content of the table section. Default: none. */
  readonly table?: readonly number[];
  /** Content of the global section. Default: none. */
  readonly global?: readonly number[];
  /** Content of further types, and how many. Default: none. */
  readonly types?: { readonly count: number; readonly bytes: readonly number[] };
  /** Name of the imported module. Default: orrery. */
  readonly from?: string;
  /** Exports that are left out. Default: none. */
  readonly without?: readonly string[];
  /** Sections behind all others: number, then content. Default: none. */
  readonly more?: readonly (readonly [id: number, content: readonly number[]])[];
}

/** Index of `orrery_handle`, for calls of itself. */
export const HANDLE = 5;

/** Writes a module by hand: each part of it may be wrong. */
export function handModule(parts: HandModule = {}): Uint8Array {
  const {
    handle = i64Const(0n),
    alloc = [0x41, 0x80, 0x08],
    start,
    abi = 1,
    memory = [1, 0, 1],
    from = "orrery",
  } = parts;
  const types = parts.types ?? { count: 0, bytes: [] };
  const bodies = [[0x41, abi], alloc, [], handle, ...(start === undefined ? [] : [start])];
  const exported: [string, number, number][] = [
    ["memory", 2, 0],
    ["orrery_abi", 0, 2],
    ["orrery_alloc", 0, 3],
    ["orrery_free", 0, 4],
    ["orrery_handle", 0, HANDLE],
  ];
  const kept = exported.filter(([name]) => parts.without?.includes(name) !== true);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [6 + types.count, ...TYPES, ...types.bytes]),
    ...section(2, [2, ...text(from), ...text("call"), 0, 3, ...text(from), ...text("log"), 0, 4]),
    ...section(3, [bodies.length, 0, 1, 2, 3, ...(start === undefined ? [] : [5])]),
    ...(parts.table === undefined ? [] : section(4, parts.table)),
    ...section(5, memory),
    ...(parts.global === undefined ? [] : section(6, parts.global)),
    ...section(7, [kept.length, ...kept.flatMap(([name, kind, index]) => [...text(name), kind, index])]),
    ...(start === undefined ? [] : section(8, [6])),
    ...section(10, [bodies.length, ...bodies.flatMap((body) => [...leb(body.length + 2), 0, ...body, 0x0b])]),
    ...(parts.more ?? []).flatMap(([id, content]) => section(id, content)),
  ]);
}

/** Types 0 to 5: () > i32, (i32) > i32, (i32 i32) > (), (i32 i32) > i64, (i32 i32 i32) > (), () > (). */
const TYPES = [
  ...[0x60, 0, 1, 0x7f],
  ...[0x60, 1, 0x7f, 1, 0x7f],
  ...[0x60, 2, 0x7f, 0x7f, 0],
  ...[0x60, 2, 0x7f, 0x7f, 1, 0x7e],
  ...[0x60, 3, 0x7f, 0x7f, 0x7f, 0],
  ...[0x60, 0, 0],
];

/** Instruction that gives a number of 64 bits. */
export function i64Const(value: bigint): number[] {
  const bytes = [0x42];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const part = Number(rest & 127n);
    rest >>= 7n;
    const isLast = (rest === 0n && part < 64) || (rest === -1n && part >= 64);
    bytes.push(isLast ? part : part | 128);
    if (isLast) return bytes;
  }
}

/** Instructions that run `inner` for requests of more than 64 bytes, and answer shorter ones by an empty reply. */
export function whenLong(inner: readonly number[]): number[] {
  return [0x20, 1, 0x41, 0xc0, 0x00, 0x4b, 0x04, 0x40, ...inner, 0x0b, ...i64Const(0n)];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...leb(bytes.length), ...bytes];
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
