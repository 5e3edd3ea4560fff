/**
 * The few parts of the WebAssembly binary format that the bulk cipher needs. Code is a list of bytes; every helper
 * returns a piece of it, so that loops of TypeScript unroll into straight code.
 */
export type Code = readonly number[];

/** Type byte of a 32-bit integer. */
export const I32 = 0x7f;
/** Type byte of a 64-bit integer. */
export const I64 = 0x7e;
/** Type byte of a 128-bit vector. */
export const V128 = 0x7b;

/** One function: its parameters, its locals in order (numbered after the parameters), and its body. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly locals: readonly { readonly count: number; readonly type: number }[];
  readonly body: Code;
}

/** An unsigned number in LEB128. */
export function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** A signed number in LEB128. */
export function signed(value: number): Code {
  if (value >= -64 && value < 64) return [value & 127];
  return [(value & 127) | 128, ...signed(value >> 7)];
}

/** Pushes a local. */
export function get(local: number): Code {
  return [0x20, ...unsigned(local)];
}

/** Evaluates `value` into a local. */
export function set(local: number, value: Code): Code {
  return [...value, 0x21, ...unsigned(local)];
}

/** An instruction of one byte on operands that are evaluated first. */
export function op(code: number, ...operands: readonly Code[]): Code {
  return [...operands.flat(), code];
}

/** A vector instruction; `immediates` follow its number. */
export function simd(code: number, operands: readonly Code[], immediates: Code = []): Code {
  return [...operands.flat(), 0xfd, ...unsigned(code), ...immediates];
}

/** The immediate of a load or store: no alignment is promised, `offset` is added to the address. */
export function offset(bytes: number): Code {
  return [0, ...unsigned(bytes)];
}

/** Runs `body` at least once, and again while `condition` is not zero. */
export function loop(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0, 0x0b];
}

/** Assembles a module that exports `memory`, of a fixed number of 64 KiB pages, and the functions. */
export function buildModule(pages: number, functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...vector(parameters.map((type) => [type])), 0]);
  const exports = functions.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]);
  const bodies = functions.map(({ locals, body }) => {
    const code = [...vector(locals.map(({ count, type }) => [...unsigned(count), type])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(5, vector([[1, ...unsigned(pages), ...unsigned(pages)]])),
    ...section(7, vector([[...text("memory"), 2, 0], ...exports])),
    ...section(10, vector(bodies)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return [...unsigned(value.length), ...Buffer.from(value, "latin1")];
}
