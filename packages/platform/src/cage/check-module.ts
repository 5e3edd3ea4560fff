import { OrreryError } from "@orrery/core";
import { messageOf } from "@orrery/core/internal";
import { type ByteCursor, createByteCursor, leb } from "./byte-cursor.ts";
import { MODULE_BYTES_MAX, MODULE_ITEMS_MAX, PAGE_BYTES, TABLE_ENTRIES_MAX, TABLES_MAX } from "./limits.ts";

/** Types of values that a module may have: i32, i64, f32, f64, v128, funcref. What V8 would take from its own heap is not among them. */
const VALUE_TYPES: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70]);
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** What a module must export, with its type: parameters, then results. */
const EXPORTS: ReadonlyMap<string, string> = new Map([
  ["orrery_abi", " > 7f"],
  ["orrery_alloc", "7f > 7f"],
  ["orrery_free", "7f 7f > "],
  ["orrery_handle", "7f 7f > 7e"],
]);

/** What a module may import, with its type. */
const IMPORTS: ReadonlyMap<string, string> = new Map([
  ["orrery.call", "7f 7f > 7e"],
  ["orrery.log", "7f 7f 7f > "],
]);

/** What is known of a module so far. */
interface Reading {
  readonly types: string[];
  /** Index of its type by function; imported ones first. */
  readonly functions: number[];
  readonly pagesMax: number;
  memories: number;
  readonly exported: Map<string, { readonly kind: number; readonly index: number }>;
}

/** Reads one section, and gives it as it is to be, or nothing where it stays as it is. */
type SectionReader = (cursor: ByteCursor, reading: Reading) => Uint8Array | undefined;

const SECTIONS: ReadonlyMap<number, SectionReader> = new Map<number, SectionReader>([
  [1, readTypes],
  [2, readImports],
  [3, readFunctions],
  [4, rewriteTables],
  [5, rewriteMemory],
  [6, readGlobals],
  [7, readExports],
  [8, () => undefined],
  [9, countOnly("element segments")],
  [12, countOnly("data segments")],
  [10, countOnly("bodies")],
  [11, countOnly("data segments")],
]);

/**
 * Checks a WebAssembly module and gives it as it may run: memory and tables bounded in the module itself, what it imports and exports as the
 * interface of mechtrons has it, without custom sections. It does not read the code of functions: V8 does, and without the types of garbage
 * collection and exceptions there is no instruction that allocates anything but bounded memory.
 * @throws OrreryError `invalid_argument` that says what cannot be accepted, and what would.
 */
export function checkModule(module: Uint8Array, memoryBytesMax: number): Uint8Array<ArrayBuffer> {
  if (module.length > MODULE_BYTES_MAX) {
    throw refused(
      `it has ${module.length} bytes, the limit is ${MODULE_BYTES_MAX}; leave out what debugs, and build for size`,
    );
  }
  try {
    return rewrite(module, Math.floor(memoryBytesMax / PAGE_BYTES));
  } catch (error) {
    throw refused(messageOf(error));
  }
}

function rewrite(module: Uint8Array, pagesMax: number): Uint8Array<ArrayBuffer> {
  const cursor = createByteCursor(module);
  for (const byte of MAGIC) if (cursor.byte() !== byte) cursor.fail("it is no WebAssembly module of version 1");
  const reading: Reading = { types: [], functions: [], pagesMax, memories: 0, exported: new Map() };
  const parts: Uint8Array[] = [Uint8Array.from(MAGIC)];
  const seen = new Set<number>();
  while (cursor.position < cursor.length) {
    const id = cursor.byte();
    const content = cursor.bytes(cursor.u32());
    if (id === 0) continue;
    const read = SECTIONS.get(id);
    if (read === undefined) {
      return cursor.fail(
        `section ${id} belongs to a proposal that is not let in (exceptions, strings); build without it`,
      );
    }
    if (seen.has(id)) cursor.fail(`section ${id} comes twice`);
    seen.add(id);
    const inner = createByteCursor(content);
    const written = read(inner, reading) ?? content;
    parts.push(Uint8Array.from([id, ...leb(written.length)]), written);
  }
  assertWhole(reading);
  return join(parts);
}

function readTypes(cursor: ByteCursor, reading: Reading): undefined {
  const count = boundedCount(cursor, "types");
  for (let index = 0; index < count; index++) {
    if (cursor.byte() !== 0x60)
      cursor.fail("a type is no function; build without garbage collection and stack switching");
    reading.types.push(`${valueTypes(cursor)} > ${valueTypes(cursor)}`);
  }
}

function valueTypes(cursor: ByteCursor): string {
  const types: string[] = [];
  const count = boundedCount(cursor, "parameters");
  for (let index = 0; index < count; index++) types.push(valueType(cursor).toString(16));
  return types.join(" ");
}

function valueType(cursor: ByteCursor): number {
  const type = cursor.byte();
  if (!VALUE_TYPES.has(type))
    cursor.fail(`a value has type 0x${type.toString(16)}; use numbers, vectors and funcref only`);
  return type;
}

function readImports(cursor: ByteCursor, reading: Reading): undefined {
  const count = boundedCount(cursor, "imports");
  for (let index = 0; index < count; index++) {
    const name = `${cursor.name()}.${cursor.name()}`;
    const wanted = IMPORTS.get(name);
    if (wanted === undefined || cursor.byte() !== 0) {
      cursor.fail(`it imports "${name}"; a mechtron may import ${[...IMPORTS.keys()].join(" and ")} only, no WASI`);
    }
    const type = cursor.u32();
    if (reading.types[type] !== wanted)
      cursor.fail(`"${name}" is imported as (${reading.types[type]}), its type is (${wanted})`);
    reading.functions.push(type);
  }
}

function readFunctions(cursor: ByteCursor, reading: Reading): undefined {
  const count = boundedCount(cursor, "functions");
  for (let index = 0; index < count; index++) reading.functions.push(cursor.u32());
}

function rewriteTables(cursor: ByteCursor): Uint8Array {
  const count = cursor.u32();
  if (count > TABLES_MAX) cursor.fail(`it has ${count} tables, the limit is ${TABLES_MAX}`);
  const written = leb(count);
  for (let index = 0; index < count; index++) {
    if (cursor.byte() !== 0x70) cursor.fail("a table holds something else than functions");
    const { min, max } = readBounds(cursor, "table");
    if (min > TABLE_ENTRIES_MAX) cursor.fail(`a table has ${min} entries, the limit is ${TABLE_ENTRIES_MAX}`);
    written.push(0x70, 1, ...leb(min), ...leb(Math.max(min, Math.min(max, TABLE_ENTRIES_MAX))));
  }
  return Uint8Array.from(written);
}

function rewriteMemory(cursor: ByteCursor, reading: Reading): Uint8Array {
  reading.memories = cursor.u32();
  if (reading.memories !== 1) cursor.fail(`it has ${reading.memories} memories, a mechtron has one`);
  const { min, max } = readBounds(cursor, "memory");
  if (min > reading.pagesMax) {
    const bytes = (pages: number) => `${pages * PAGE_BYTES} bytes`;
    cursor.fail(`it begins with ${bytes(min)} of memory, the limit is ${bytes(reading.pagesMax)}`);
  }
  return Uint8Array.from([1, 1, ...leb(min), ...leb(Math.max(min, Math.min(max, reading.pagesMax)))]);
}

/** Bounds as they are declared; shared ones, those of 64 bits and pages of other sizes have flags that are not let in. */
function readBounds(cursor: ByteCursor, what: string): { readonly min: number; readonly max: number } {
  const flags = cursor.byte();
  if (flags > 1) cursor.fail(`its ${what} is shared, or of 64 bits; build without threads and memory64`);
  const min = cursor.u32();
  return { min, max: flags === 1 ? cursor.u32() : 2 ** 32 };
}

function readGlobals(cursor: ByteCursor): undefined {
  const count = boundedCount(cursor, "globals");
  for (let index = 0; index < count; index++) {
    valueType(cursor);
    cursor.byte();
    skipConstant(cursor);
  }
}

/** Steps over what a global begins as: constants, other globals, and sums of them. */
function skipConstant(cursor: ByteCursor): void {
  for (;;) {
    const code = cursor.byte();
    if (code === 0x0b) return;
    if (code === 0x41 || code === 0x42) cursor.skipSigned();
    else if (code === 0x43) cursor.skip(4);
    else if (code === 0x44) cursor.skip(8);
    else if (code === 0x23 || code === 0xd2) cursor.u32();
    else if (code === 0xd0) valueType(cursor);
    else if (code === 0xfd && cursor.u32() === 12) cursor.skip(16);
    else if (![0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e].includes(code)) {
      cursor.fail(`a global begins as the result of instruction 0x${code.toString(16)}; use constants`);
    }
  }
}

function readExports(cursor: ByteCursor, reading: Reading): undefined {
  const count = boundedCount(cursor, "exports");
  for (let index = 0; index < count; index++) {
    const name = cursor.name();
    reading.exported.set(name, { kind: cursor.byte(), index: cursor.u32() });
  }
}

function countOnly(what: string): SectionReader {
  return (cursor) => void boundedCount(cursor, what);
}

function boundedCount(cursor: ByteCursor, what: string): number {
  const count = cursor.u32();
  if (count > MODULE_ITEMS_MAX) cursor.fail(`it has ${count} ${what}, the limit is ${MODULE_ITEMS_MAX}`);
  return count;
}

function assertWhole({ exported, types, functions, memories }: Reading): void {
  if (memories === 0) throw new Error("it has no memory of its own; a mechtron has one, and exports it as memory");
  if (exported.get("memory")?.kind !== 2) throw new Error("it does not export its memory as memory");
  for (const [name, wanted] of EXPORTS) {
    const found = exported.get(name);
    if (found?.kind !== 0) throw new Error(`it does not export the function ${name}`);
    const type = types[functions[found.index] ?? -1];
    if (type !== wanted) throw new Error(`it exports ${name} as (${type}), its type is (${wanted})`);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function refused(why: string): OrreryError {
  return new OrreryError("invalid_argument", `Cannot accept the WebAssembly module: ${why}`);
}
