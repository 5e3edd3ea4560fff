/** The same work in each form: a reply of the same bytes as the request. */

/** A script, as `defineMechtron` bundles to. */
export const SCRIPT = new TextEncoder().encode(`export default {
  abi: 1,
  async handle(head, body) {
    return { head: '{"contentType":"application/json"}', body: JSON.stringify(JSON.parse(body)) };
  },
};`);

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const text = (value: string) => [value.length, ...new TextEncoder().encode(value)];
const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
const body = (code: readonly number[]) => [...leb(code.length + 2), 0, ...code, 0x0b];
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/**
 * A module with the interface of mechtrons that replies what it is handed, as a Request's body (field 6) and a Reply's (field 4) are read by the
 * same rules: the request that is measured has that field alone, and its tag is written anew.
 */
export const MODULE = Uint8Array.from([
  ...MAGIC,
  ...section(1, [4, 0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7e]),
  ...section(3, [4, 0, 1, 2, 3]),
  ...section(5, [1, 0, 2]),
  ...section(7, [
    5,
    ...[...text("memory"), 2, 0, ...text("orrery_abi"), 0, 0, ...text("orrery_alloc"), 0, 1],
    ...[...text("orrery_free"), 0, 2, ...text("orrery_handle"), 0, 3],
  ]),
  ...section(10, [
    4,
    ...body([0x41, 1]),
    ...body([0x41, 0x80, 0x08]),
    ...body([]),
    ...body([0x20, 0, 0x41, 0x22, 0x3a, 0, 0, 0x20, 0, 0xad, 0x42, 0x20, 0x86, 0x20, 1, 0xad, 0x84]),
  ]),
]);

const EXTISM = "extism:host/env";

/** A plug-in of Extism that gives back its input: the same module of memory, by Extism's own interface. */
export const PLUGIN = Uint8Array.from([
  ...MAGIC,
  ...section(1, [4, 0x60, 0, 1, 0x7e, 0x60, 2, 0x7e, 0x7e, 0, 0x60, 1, 0x7e, 1, 0x7f, 0x60, 0, 1, 0x7f]),
  ...section(2, [
    3,
    ...[...text(EXTISM), ...text("input_offset"), 0, 0],
    ...[...text(EXTISM), ...text("input_length"), 0, 0],
    ...[...text(EXTISM), ...text("output_set"), 0, 1],
  ]),
  ...section(3, [1, 3]),
  ...section(7, [1, ...text("echo"), 0, 3]),
  ...section(10, [1, ...body([0x10, 0, 0x10, 1, 0x10, 2, 0x41, 0])]),
]);
